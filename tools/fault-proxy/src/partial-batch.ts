/** A batch call of which some entries fail. */
export interface PartialBatch {
  /** What is forwarded; absent when no entry is left. */
  readonly forwarded?: unknown;
  /** The answer to the caller, made from the target's answer or from nothing when nothing was forwarded. */
  answer(from: unknown): unknown;
}

type Json = Readonly<Record<string, unknown>>;

const SQS_BATCHES = ['SendMessageBatch', 'DeleteMessageBatch', 'ChangeMessageVisibilityBatch'];
const CODE = 'InternalError';
const MESSAGE = 'The entry failed.';

/** Whether single entries of this operation can fail while its call succeeds. */
export function canFailPartly(operation: string): boolean {
  return [...SQS_BATCHES, 'PutEvents', 'BatchWriteItem'].includes(operation);
}

/** Splits a batch request into what goes on and what is reported failed. */
export function splitBatch(operation: string, request: unknown, failing: readonly number[]): PartialBatch {
  if (operation === 'PutEvents') return splitPutEvents(asObject(request), failing);
  if (operation === 'BatchWriteItem') return splitBatchWrite(asObject(request), failing);
  return splitSqsBatch(asObject(request), failing);
}

/** SQS names its entries: the failed ones join `Failed`. */
function splitSqsBatch(request: Json, failing: readonly number[]): PartialBatch {
  const entries = asList(request['Entries']);
  const Failed = entries
    .filter((_entry, index) => failing.includes(index))
    .map((entry) => ({ Id: asObject(entry)['Id'], SenderFault: false, Code: CODE, Message: MESSAGE }));
  const rest = entries.filter((_entry, index) => !failing.includes(index));
  return {
    ...(rest.length > 0 && { forwarded: { ...request, Entries: rest } }),
    answer: (from) => {
      const answer = asObject(from);
      return {
        ...answer,
        Successful: asList(answer['Successful']),
        Failed: [...asList(answer['Failed']), ...Failed],
      };
    },
  };
}

/** EventBridge answers by position, so the failed ones are put back in between. */
function splitPutEvents(request: Json, failing: readonly number[]): PartialBatch {
  const entries = asList(request['Entries']);
  const rest = entries.filter((_entry, index) => !failing.includes(index));
  return {
    ...(rest.length > 0 && { forwarded: { ...request, Entries: rest } }),
    answer: (from) => {
      const passed = asList(asObject(from)['Entries'])[Symbol.iterator]();
      const Entries = entries.map((_entry, index): unknown =>
        failing.includes(index) ? { ErrorCode: CODE, ErrorMessage: MESSAGE } : passed.next().value,
      );
      const FailedEntryCount = Entries.filter((entry) => 'ErrorCode' in asObject(entry)).length;
      return { ...asObject(from), FailedEntryCount, Entries };
    },
  };
}

/** DynamoDB gives back what it did not write; entries are counted over the tables in the order of the request. */
function splitBatchWrite(request: Json, failing: readonly number[]): PartialBatch {
  const writes = Object.entries(asObject(request['RequestItems'])).flatMap(([table, items]) =>
    asList(items).map((item) => ({ table, item })),
  );
  const rest = byTable(writes.filter((_write, index) => !failing.includes(index)));
  const failed = byTable(writes.filter((_write, index) => failing.includes(index)));
  return {
    ...(Object.keys(rest).length > 0 && { forwarded: { ...request, RequestItems: rest } }),
    answer: (from) => {
      const answer = asObject(from);
      return { ...answer, UnprocessedItems: joinTables(asObject(answer['UnprocessedItems']), failed) };
    },
  };
}

function byTable(writes: readonly { table: string; item: unknown }[]): Readonly<Record<string, unknown[]>> {
  const tables: Record<string, unknown[]> = {};
  for (const { table, item } of writes) (tables[table] ??= []).push(item);
  return tables;
}

function joinTables(left: Json, right: Readonly<Record<string, unknown[]>>): Json {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return Object.fromEntries(
    [...names].map((name) => [name, [...asList(left[name]), ...(right[name] ?? [])]]),
  );
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
