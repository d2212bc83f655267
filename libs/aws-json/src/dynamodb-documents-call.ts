import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { AwsCall } from './aws-call.ts';

type Change = (value: unknown) => unknown;

/**
 * DynamoDB with plain values in place of typed ones, as the SDK's document client has it: texts, numbers, lists and
 * objects, without what is undefined.
 */
export const documentsCall =
  (call: AwsCall): AwsCall =>
  async (operation, input, signal) =>
    plainOutput(await call(operation, typedInput(input), signal));

const typed: Change = (value) => marshall(value, { removeUndefinedValues: true });
const plain: Change = (value) => (isItem(value) ? unmarshall(value) : value);

const isItem = (value: unknown): value is Parameters<typeof unmarshall>[0] =>
  typeof value === 'object' && value !== null;

/** Where the operations that are called here have items, or parts of them. */
const typedInput = withFields({
  Item: typed,
  Key: typed,
  ExpressionAttributeValues: typed,
  RequestItems: eachField(withFields({ Keys: eachOf(typed) })),
});
const plainOutput = withFields({
  Item: plain,
  Responses: eachField(eachOf(plain)),
  UnprocessedKeys: eachField(withFields({ Keys: eachOf(plain) })),
});

/** The object with these fields changed. */
function withFields(changes: Readonly<Record<string, Change>>): (value: unknown) => Record<string, unknown> {
  return (value) => mapped(value, (name, field) => (changes[name] ? changes[name](field) : field));
}

function eachField(change: Change): Change {
  return (value) => mapped(value, (_name, field) => change(field));
}

function eachOf(change: Change): Change {
  return (value) => (Array.isArray(value) ? value.map(change) : value);
}

const mapped = (value: unknown, change: (name: string, field: unknown) => unknown) =>
  Object.fromEntries(
    Object.entries(value ?? {}).map(([name, field]) => [name, change(name, field)] as const),
  );
