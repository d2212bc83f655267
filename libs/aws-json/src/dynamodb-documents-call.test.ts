import { expect, test } from '@jest/globals';
import { documentsCall } from './dynamodb-documents-call.ts';

/** What DynamoDB is asked and what the caller is answered, with this as its answer. */
async function through(operation: string, input: object, answer: Readonly<Record<string, unknown>> = {}) {
  const asked: unknown[] = [];
  const call = documentsCall(async (...request) => {
    asked.push(request);
    return answer;
  });
  const { signal } = new AbortController();
  return { answered: await call(operation, input, signal), asked: asked[0], signal };
}

test('items, keys and values of expressions are typed on their way, and nothing else is touched', async () => {
  const { asked, signal } = await through('UpdateItem', {
    TableName: 't',
    Key: { pk: 'a' },
    Item: { list: [1, { deep: true }], none: null, left: undefined },
    ExpressionAttributeNames: { '#owner': 'owner' },
    ExpressionAttributeValues: { ':n': 1.5 },
  });
  const input = {
    TableName: 't',
    Key: { pk: { S: 'a' } },
    Item: { list: { L: [{ N: '1' }, { M: { deep: { BOOL: true } } }] }, none: { NULL: true } },
    ExpressionAttributeNames: { '#owner': 'owner' },
    ExpressionAttributeValues: { ':n': { N: '1.5' } },
  };
  expect(asked).toEqual(['UpdateItem', input, signal]);
});

test('an item comes back with plain values', async () => {
  const { answered } = await through('GetItem', {}, { Item: { pk: { S: 'a' }, count: { N: '2' } } });
  expect(answered).toEqual({ Item: { pk: 'a', count: 2 } });
});

test('no item is none', async () => {
  expect((await through('GetItem', {})).answered).toEqual({});
});

test('so do those of a batch, by table, and the keys that it did not get to', async () => {
  const { asked, answered, signal } = await through(
    'BatchGetItem',
    { RequestItems: { t: { Keys: [{ pk: 'a' }, { pk: 'b' }], ConsistentRead: true } } },
    {
      Responses: { t: [{ pk: { S: 'a' } }] },
      UnprocessedKeys: { t: { Keys: [{ pk: { S: 'b' } }], ConsistentRead: true } },
    },
  );
  const RequestItems = { t: { Keys: [{ pk: { S: 'a' } }, { pk: { S: 'b' } }], ConsistentRead: true } };
  expect(asked).toEqual(['BatchGetItem', { RequestItems }, signal]);
  expect(answered).toEqual({
    Responses: { t: [{ pk: 'a' }] },
    UnprocessedKeys: { t: { Keys: [{ pk: 'b' }], ConsistentRead: true } },
  });
});
