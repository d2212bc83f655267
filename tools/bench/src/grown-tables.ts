import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { conversationIdOf } from './deliveries.ts';
import type { StackClients } from './stack-clients.ts';

/** What BatchWriteItem takes. */
const MAX_ITEMS = 25;
const WRITERS = 4;
/** Of the outcomes whose conversations are in the tables; far from the numbers of other measurements. */
const FIRST_KNOWN = 20_000_000;

type Item = Readonly<Record<string, unknown>>;

/** What one outcome leaves behind. */
export interface ProcessedItems {
  readonly claim: Item;
  readonly conversation: Item;
}

/** Two tables of the same size, by the names that the processor's variables have for them. */
export interface GrownTables {
  readonly LEDGER_TABLE: string;
  readonly CONVERSATIONS_TABLE: string;
}

/** The number of an outcome whose conversation is in tables of that size. */
export const knownOutcome = (index: number, size: number): number => FIRST_KNOWN + (index % size);

/** Makes a ledger and a conversations table of that size, every item like the one that was really written. */
export async function growTables(
  clients: StackClients,
  size: number,
  { claim, conversation }: ProcessedItems,
): Promise<GrownTables> {
  const LEDGER_TABLE = await makeTable(clients, `bench-ledger-${size}`, 'pk');
  const CONVERSATIONS_TABLE = await makeTable(clients, `bench-conversations-${size}`, 'conversationId');
  const firsts = Array.from({ length: Math.ceil(size / MAX_ITEMS) }, (_, index) => index * MAX_ITEMS);
  await pMap(
    firsts,
    async (first) => {
      const indexes = Array.from({ length: Math.min(MAX_ITEMS, size - first) }, (_, at) => first + at);
      const ids = indexes.map((index) => conversationIdOf(knownOutcome(index, size)));
      await write(
        clients,
        LEDGER_TABLE,
        ids.map((id) => ({ ...claim, pk: `processor#main#evt-${id}#${id}/-` })),
      );
      await write(
        clients,
        CONVERSATIONS_TABLE,
        ids.map((conversationId) => ({ ...conversation, conversationId })),
      );
    },
    { concurrency: WRITERS },
  );
  return { LEDGER_TABLE, CONVERSATIONS_TABLE };
}

async function makeTable({ dynamodb }: StackClients, TableName: string, key: string): Promise<string> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
      KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
    }),
  );
  return TableName;
}

async function write({ documents }: StackClients, table: string, items: readonly Item[]): Promise<void> {
  const puts = items.map((item) => ({ PutRequest: { Item: { ...item } } }));
  const { UnprocessedItems = {} } = await documents.send(
    new BatchWriteCommand({ RequestItems: { [table]: puts } }),
  );
  if (Object.keys(UnprocessedItems).length > 0) throw new Error(`the emulator did not take all of ${table}`);
}

/** Writes a conversation and reads another, so often, with nothing around it. @returns how long each call took */
export async function bareMillis(
  { documents }: StackClients,
  { CONVERSATIONS_TABLE: TableName }: GrownTables,
  { conversation }: ProcessedItems,
  { size, calls }: { readonly size: number; readonly calls: number },
): Promise<readonly number[]> {
  const millis: number[] = [];
  const timed = async (call: () => Promise<unknown>) => {
    const startedAt = performance.now();
    await call();
    millis.push(performance.now() - startedAt);
  };
  for (let index = 0; index < calls; index += 1) {
    const conversationId = conversationIdOf(knownOutcome(Math.floor(Math.random() * size), size));
    const Item = { ...conversation, conversationId: crypto.randomUUID() };
    await timed(() => documents.send(new PutCommand({ TableName, Item })));
    await timed(() =>
      documents.send(new GetCommand({ TableName, Key: { conversationId }, ConsistentRead: true })),
    );
  }
  return millis;
}
