import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { StageAccess } from './stage-access.ts';

export type ConversationItem = Readonly<Record<string, unknown>>;

export interface ConversationName {
  readonly org: string;
  readonly conversationId: string;
}

/** Bookkeeping of the merge, and what the sender said word for word. */
const NOT_SHOWN = ['guards', 'agentsSeen', 'rawPayload'];

/** The conversation items of those names, as far as there are any. */
export async function conversationItems(
  access: StageAccess,
  names: readonly ConversationName[],
): Promise<readonly ConversationItem[]> {
  const keys = [...new Set(names.map((name) => keyOf(name, access.defaultOrg)))];
  const items = await Promise.all(keys.map((key) => conversationItem(access, key)));
  return items.filter((item) => item !== undefined);
}

/** Only the stage's default organisation has its conversations under their bare id. */
function keyOf({ org, conversationId }: ConversationName, defaultOrg: string): string {
  return org === defaultOrg ? conversationId : `${org}/${conversationId}`;
}

async function conversationItem(
  { clients, resources }: StageAccess,
  conversationId: string,
): Promise<ConversationItem | undefined> {
  const { Item } = await clients.documents.send(
    new GetCommand({
      TableName: resources.conversationsTable,
      Key: { conversationId },
      ConsistentRead: true,
    }),
  );
  if (Item === undefined) return undefined;
  return Object.fromEntries(Object.entries(Item).filter(([name]) => !NOT_SHOWN.includes(name)));
}
