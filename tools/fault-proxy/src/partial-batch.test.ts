import { expect, test } from '@jest/globals';

import { splitBatch } from './partial-batch.ts';

test('EventBridge gets its failed entries back at their own places', () => {
  const batch = splitBatch('PutEvents', { Entries: [{ Detail: 'a' }, { Detail: 'b' }, { Detail: 'c' }] }, [
    1,
  ]);
  expect(batch.forwarded).toEqual({ Entries: [{ Detail: 'a' }, { Detail: 'c' }] });
  expect(batch.answer({ FailedEntryCount: 0, Entries: [{ EventId: '1' }, { EventId: '3' }] })).toEqual({
    FailedEntryCount: 1,
    Entries: [
      { EventId: '1' },
      { ErrorCode: 'InternalError', ErrorMessage: 'The entry failed.' },
      { EventId: '3' },
    ],
  });
});

test('entries that the target itself refused stay refused', () => {
  const events = splitBatch('PutEvents', { Entries: [{}, {}] }, [0]);
  expect(events.answer({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'X' }] })).toMatchObject({
    FailedEntryCount: 2,
  });
  const messages = splitBatch('SendMessageBatch', { Entries: [{ Id: 'a' }, { Id: 'b' }] }, [0]);
  expect(messages.answer({ Successful: [], Failed: [{ Id: 'b' }] })).toMatchObject({
    Failed: [{ Id: 'b' }, { Id: 'a' }],
  });
});

test('DynamoDB counts its entries over the tables and gives the failed ones back unprocessed', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((id) => ({ PutRequest: { Item: { pk: { S: id } } } }));
  const batch = splitBatch('BatchWriteItem', { RequestItems: { one: [a, b], two: [c] } }, [1, 2]);
  expect(batch.forwarded).toEqual({ RequestItems: { one: [a] } });
  expect(batch.answer({ UnprocessedItems: {} })).toEqual({ UnprocessedItems: { one: [b], two: [c] } });
});

test('a batch of which every entry fails is not forwarded at all', () => {
  const batch = splitBatch('SendMessageBatch', { QueueUrl: 'q', Entries: [{ Id: 'a' }] }, [0]);
  expect('forwarded' in batch).toBe(false);
  expect(batch.answer({})).toMatchObject({ Successful: [], Failed: [{ Id: 'a', SenderFault: false }] });
});
