import { describe, expect, test } from '@jest/globals';
import { sqsRecord } from '@aftercall/queue';
import { failedMessageIds, partsWithin } from './sqs-records.ts';

describe('what a function’s answer leaves on the queue', () => {
  test.each([
    ['null', []],
    ['{}', []],
    ['{"batchItemFailures":[]}', []],
    ['{"batchItemFailures":null}', []],
    ['{"batchItemFailures":[{"itemIdentifier":"b"}]}', ['b']],
    ['{"batchItemFailures":[{"itemIdentifier":"unknown"}]}', ['a', 'b']],
    ['{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":""}]}', ['a', 'b']],
    ['{"batchItemFailures":[{"itemIdentifier":null}]}', ['a', 'b']],
    ['{"batchItemFailures":[{"id":"b"}]}', ['a', 'b']],
    ['{"batchItemFailures":[null]}', ['a', 'b']],
    ['{"batchItemFailures":"b"}', ['a', 'b']],
    ['{"failures":[]}', ['a', 'b']],
    ['"done"', ['a', 'b']],
    ['[]', ['a', 'b']],
  ])('%s leaves %j', (payload, left) => {
    expect([...failedMessageIds(payload, ['a', 'b'])]).toEqual(left);
  });
});

test('a batch is cut in order so that each part fits', () => {
  const record = (body: string) =>
    sqsRecord({ MessageId: body.slice(0, 1), Body: body }, 'arn:aws:sqs:eu-west-1:000000000000:q');
  const records = ['a', 'b', 'c', 'd'].map((name) => record(name.repeat(400)));
  const parts = partsWithin(records, 1_500);
  expect(parts.flat().map(({ messageId }) => messageId)).toEqual(['a', 'b', 'c', 'd']);
  for (const part of parts) expect(JSON.stringify({ Records: part }).length).toBeLessThanOrEqual(1_500);
  expect(parts).toHaveLength(2);
  expect(partsWithin([record('x'.repeat(2_000))], 1_500)).toHaveLength(1);
});
