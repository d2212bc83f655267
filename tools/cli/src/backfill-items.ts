import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { StageAccess } from './stage-access.ts';

/** What became of conversations. */
export interface BackfillCounts {
  readonly seen: number;
  readonly withOutcome: number;
  readonly sent: number;
  readonly withoutMetrics: number;
  readonly failed: number;
}

/** One source's part of a request. */
export interface RunItem {
  readonly request: string;
  readonly source: string;
  readonly status: 'RUNNING' | 'DONE' | 'FAILED';
  readonly isProvisional: boolean;
  /** Of the days that are done. */
  readonly finished: BackfillCounts;
  /** Of the day that is being gone through. */
  readonly window: { readonly from: string; readonly counts: BackfillCounts };
}

/** How complete a source's day is. */
export interface CompletenessItem {
  readonly source: string;
  readonly date: string;
  readonly counts: BackfillCounts;
  readonly percent: number;
  readonly isProvisional: boolean;
  readonly missingPages: readonly string[];
  readonly updatedAt: string;
}

export interface MissingConversation {
  readonly conversationId: string;
  readonly reason: string;
}

/** The runs of a request, as far as they have begun, or undefined when nobody has read the request yet. */
export async function runsOf(
  access: StageAccess,
  request: string,
): Promise<readonly (RunItem | undefined)[] | undefined> {
  const item = await backfillItem<RunItem | { readonly parts: readonly string[] }>(access, `run#${request}`);
  if (item === undefined || !('parts' in item)) return item && [item];
  return Promise.all(item.parts.map((part) => backfillItem<RunItem>(access, `run#${part}`)));
}

/** What is known of a day, by source. */
export async function completenessOf(
  access: StageAccess,
  date: string,
  source: string | undefined,
): Promise<readonly CompletenessItem[]> {
  const sources = source === undefined ? await sourcesOf(access, date) : [source];
  const items = await Promise.all(
    sources.map((one) => backfillItem<CompletenessItem>(access, `completeness#${one}#${date}`)),
  );
  return items.filter((item) => item !== undefined);
}

async function sourcesOf(access: StageAccess, date: string): Promise<readonly string[]> {
  const item = await backfillItem<{ readonly sources: ReadonlySet<string> }>(access, `day#${date}`);
  return [...(item?.sources ?? [])].sort();
}

/** The conversations that are listed as missing; of very many, the first 10,000. */
export async function missingOf(
  access: StageAccess,
  { missingPages }: CompletenessItem,
): Promise<readonly MissingConversation[]> {
  const missing: MissingConversation[] = [];
  for (const key of missingPages) {
    const page = await backfillItem<{ readonly missing: readonly MissingConversation[] }>(access, key);
    missing.push(...(page?.missing ?? []));
  }
  return missing;
}

/** The table is the backfill's own: what it holds is of its form. */
async function backfillItem<T>({ clients, resources }: StageAccess, run: string): Promise<T | undefined> {
  const { Item } = await clients.documents.send(
    new GetCommand({ TableName: resources.backfillTable, Key: { run }, ConsistentRead: true }),
  );
  return Item as T | undefined;
}
