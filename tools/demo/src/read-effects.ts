import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { ScanCommand, type DynamoDBDocumentClient, type ScanCommandInput } from '@aws-sdk/lib-dynamodb';
import type { LocalResources } from '@aftercall/local';
import type { DemoClients } from './aws-clients.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conversationKey, eventKey } from './expect-effects.ts';
import type { LedgerRow, ObservedEffects, ObservedFact } from './judge-effects.ts';

type Item = Readonly<Record<string, unknown>>;

/** Reads every table back, as far as a run is judged by it. */
export async function readEffects(
  { documents }: DemoClients,
  resources: LocalResources,
  { facts, logsDirectory }: { readonly facts: readonly ObservedFact[]; readonly logsDirectory: string },
): Promise<ObservedEffects> {
  const [ledger, conversations, setAside] = await Promise.all([
    scan(documents, resources.ledgerTable),
    scan(documents, resources.conversationsTable),
    scan(documents, resources.setAsideTable),
  ]);
  return {
    facts,
    ledger: ledger.filter(({ pk }) => String(pk).startsWith('processor#')).map(ledgerRow),
    conversations: new Map(conversations.map((item) => [keyOf(item), String(item['status'])])),
    runs: runsIn(join(logsDirectory, 'processor.ndjson')),
    deadLetters: setAside.filter(({ pk }) => pk === 'dead').length,
    quarantined: new Set(setAside.filter(({ pk }) => pk === 'quarantine').map(({ id }) => String(id))),
  };
}

interface LogRecord {
  readonly source?: string;
  readonly eventId?: string;
  readonly result?: string;
}

/** Of each event that the processor's log says was processed, how often. The local sources are their own orgs. */
function runsIn(file: string): ReadonlyMap<string, number> {
  const runs = new Map<string, number>();
  // The last line may be half written.
  for (const line of readFileSync(file, 'utf8').split('\n').slice(0, -1)) {
    const { source, eventId, result } = JSON.parse(line) as LogRecord;
    if (source === undefined || eventId === undefined || result !== 'processed') continue;
    const key = eventKey(source, eventId);
    runs.set(key, (runs.get(key) ?? 0) + 1);
  }
  return runs;
}

/** How many messages a queue holds: waiting, delayed and in somebody's hands. */
export async function queueDepth(sqs: SQSClient, queueUrl: string): Promise<number> {
  const names = [
    'ApproximateNumberOfMessages',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesDelayed',
  ] as const;
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] }),
  );
  return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
}

async function scan(documents: DynamoDBDocumentClient, TableName: string): Promise<Item[]> {
  const items: Item[] = [];
  let from: ScanCommandInput['ExclusiveStartKey'];
  do {
    const page = await documents.send(
      new ScanCommand({ TableName, ConsistentRead: true, ...(from && { ExclusiveStartKey: from }) }),
    );
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return items;
}

/** `processor#{org}#{eventId}`; an org of the local stage has no `#` in it. */
function ledgerRow({ pk, status, attempts }: Item): LedgerRow {
  const [, org = '', ...rest] = String(pk).split('#');
  return { org, eventId: rest.join('#'), isCompleted: status === 'COMPLETED', attempts: Number(attempts) };
}

/** The table's key leaves the stage's default org out. */
function keyOf({ org, conversationId }: Item): string {
  const id = String(conversationId);
  const prefix = `${String(org)}/`;
  return conversationKey(String(org), id.startsWith(prefix) ? id.slice(prefix.length) : id);
}
