import { type Item, meets, type Placeholders, updated } from './dynamodb-expression.ts';
import { ServiceError } from './service-error.ts';

/** Of a table's key: the partition key, and the sort key where there is one. */
export type KeySchema = readonly string[];

/** A DynamoDB in memory, as far as the document client's commands go that functions use. */
export interface VirtualDynamodb {
  call(operation: string, input: Readonly<Record<string, unknown>>): object;
  items(tableName: string): readonly Item[];
  /** Every item that was ever written there, in order. */
  history(tableName: string): readonly Item[];
}

interface Table {
  readonly schema: KeySchema;
  readonly items: Map<string, Item>;
  readonly history: Item[];
}

interface Input extends Placeholders {
  readonly TableName: string;
  readonly Key: Item;
  readonly Item: Item;
  readonly ConditionExpression?: string;
  readonly UpdateExpression: string;
  readonly KeyConditionExpression?: string;
  readonly FilterExpression?: string;
  readonly ScanIndexForward?: boolean;
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Item;
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD';
  readonly ReturnValues?: 'ALL_NEW' | 'ALL_OLD';
  readonly RequestItems: Readonly<Record<string, { readonly Keys: readonly Item[] }>>;
}

/** Makes one with these tables, empty. */
export function virtualDynamodb(tables: ReadonlyMap<string, KeySchema>): VirtualDynamodb {
  const all = new Map(
    [...tables].map(([name, schema]) => [name, { schema, items: new Map<string, Item>(), history: [] }]),
  );
  const tableOf = (name: string): Table => {
    const table = all.get(name);
    if (!table) throw new ServiceError('ResourceNotFoundException', 400, { message: `no table ${name}` });
    return table;
  };
  return {
    call: (operation, input) => {
      const run = OPERATIONS[operation];
      if (!run) throw new Error(`this DynamoDB knows no ${operation}`);
      return run(tableOf, input as unknown as Input);
    },
    items: (name) => [...tableOf(name).items.values()],
    history: (name) => tableOf(name).history,
  };
}

const OPERATIONS: Readonly<Record<string, (tableOf: (name: string) => Table, input: Input) => object>> = {
  Get: (tableOf, { TableName, Key }) => {
    const table = tableOf(TableName);
    const found = table.items.get(keyOf(Key, table));
    return found === undefined ? {} : { Item: structuredClone(found) };
  },
  BatchGet: (tableOf, { RequestItems }) => ({
    Responses: Object.fromEntries(
      Object.entries(RequestItems).map(([name, { Keys }]) => {
        const table = tableOf(name);
        return [name, Keys.flatMap((key) => structuredClone(table.items.get(keyOf(key, table)) ?? []))];
      }),
    ),
    UnprocessedKeys: {},
  }),
  Put: (tableOf, input) => {
    const table = tableOf(input.TableName);
    const key = keyOf(input.Item, table);
    check(table.items.get(key), input);
    write(table, key, structuredClone(withoutUndefined(input.Item)));
    return {};
  },
  Update: (tableOf, input) => {
    const table = tableOf(input.TableName);
    const key = keyOf(input.Key, table);
    const before = table.items.get(key);
    check(before, input);
    const after = updated(input.UpdateExpression, before ?? input.Key, structuredClone(input));
    write(table, key, after);
    if (input.ReturnValues === undefined) return {};
    return { Attributes: structuredClone(input.ReturnValues === 'ALL_NEW' ? after : before) };
  },
  Delete: (tableOf, input) => {
    const table = tableOf(input.TableName);
    const key = keyOf(input.Key, table);
    check(table.items.get(key), input);
    table.items.delete(key);
    return {};
  },
  Query: (tableOf, input) => {
    const { schema, items } = tableOf(input.TableName);
    const sortKey = schema[1] ?? '';
    const found = [...items.values()]
      .filter((item) => meets(input.KeyConditionExpression, item, input))
      .sort((one, other) => (String(one[sortKey]) < String(other[sortKey]) ? -1 : 1));
    if (input.ScanIndexForward === false) found.reverse();
    const begin = input.ExclusiveStartKey?.[sortKey];
    const place = begin === undefined ? 0 : found.findIndex((item) => item[sortKey] === begin) + 1;
    const page = found
      .slice(place)
      .slice(0, input.Limit)
      .filter((item) => meets(input.FilterExpression, item, input));
    return { Items: structuredClone(page), Count: page.length };
  },
};

function write({ items, history }: Table, key: string, item: Item): void {
  items.set(key, item);
  history.push(item);
}

const keyOf = (item: Item, { schema }: Table): string => JSON.stringify(schema.map((name) => item[name]));

function check(present: Item | undefined, input: Input): void {
  if (meets(input.ConditionExpression, present, input)) return;
  const isToldWhy = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && present !== undefined;
  throw new ServiceError('ConditionalCheckFailedException', 400, isToldWhy ? { Item: typed(present) } : {});
}

/** As `marshallOptions: { removeUndefinedValues: true }` has it. */
const withoutUndefined = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));

/** The document client leaves what comes with an error as the service sent it. */
const typed = (item: Item): Readonly<Record<string, object>> =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      typeof value === 'number' ? { N: String(value) } : { S: String(value) },
    ]),
  );
