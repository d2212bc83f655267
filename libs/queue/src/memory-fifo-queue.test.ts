import { describe, expect, test } from '@jest/globals';
import type { SQSBatchResponse } from 'aws-lambda';
import { memoryFifoQueue } from './memory-fifo-queue.ts';
import { sendBatchContract } from './send-batch-contract.ts';

const START = new Date('2026-11-20T14:05:00Z').getTime();
const VISIBILITY_SECONDS = 30;
const FIVE_MINUTES_SECONDS = 300;

/** A queue on a clock that the test moves; `send` takes `group:name`. */
function setUp() {
  const clock = { seconds: 0 };
  const queue = memoryFifoQueue({
    now: () => new Date(START + clock.seconds * 1000),
    visibilitySeconds: VISIBILITY_SECONDS,
  });
  const send = (...bodies: string[]) =>
    queue.sendBatch(
      bodies.map((body, index) => ({
        entryId: String(index),
        body,
        groupId: body.split(':')[0] ?? '',
        deduplicationId: body,
        attributes: { seal: `seal of ${body}` },
      })),
    );
  const receive = () => queue.receive().Records;
  const bodies = () => receive().map(({ body }) => body);
  return { clock, queue, send, receive, bodies };
}

sendBatchContract('sending a batch to the queue in memory', async () => {
  const queue = memoryFifoQueue({ now: () => new Date(START), visibilitySeconds: VISIBILITY_SECONDS });
  return {
    sendBatch: queue.sendBatch,
    drain: async () => {
      const drained = queue
        .messages()
        .map(({ body, groupId, attributes }) => ({ body, groupId, attributes }));
      while ((await queue.poll(async () => ({ batchItemFailures: [] }))) > 0);
      return drained;
    },
    close: async () => undefined,
  };
});

describe('receiving from the queue in memory', () => {
  test('hands out up to ten messages of one group in their order', async () => {
    const { send, bodies } = setUp();
    const names = Array.from({ length: 12 }, (_, index) => `a:${String(index).padStart(2, '0')}`);
    await send(...names.slice(0, 6));
    await send(...names.slice(6));
    expect(bodies()).toEqual(names.slice(0, 10));
  });

  test('fills a receive with further groups when the first is exhausted', async () => {
    const { send, bodies } = setUp();
    await send('a:1', 'b:1', 'a:2', 'c:1');
    expect(bodies()).toEqual(['a:1', 'a:2', 'b:1', 'c:1']);
  });

  test('hands a message over as Lambda does', async () => {
    const { send, receive } = setUp();
    await send('a:1');
    expect(receive()).toMatchObject([
      {
        body: 'a:1',
        attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(START), MessageGroupId: 'a' },
        messageAttributes: { seal: { dataType: 'String', stringValue: 'seal of a:1' } },
        eventSource: 'aws:sqs',
      },
    ]);
  });

  test('locks a group while any of its messages is in flight, and no other group', async () => {
    const { queue, send, receive, bodies } = setUp();
    await send('a:1', 'a:2');
    const [first] = receive();
    await send('a:3', 'b:1');
    await queue.deleteMessage(first?.receiptHandle ?? '');
    expect(bodies()).toEqual(['b:1']);
  });

  test('frees a group when its last message in flight is deleted', async () => {
    const { queue, send, receive, bodies } = setUp();
    await send('a:1');
    const [first] = receive();
    await send('a:2');
    await queue.deleteMessage(first?.receiptHandle ?? '');
    expect(bodies()).toEqual(['a:2']);
  });

  test('hands a message out again when its visibility has passed, and counts', async () => {
    const { clock, send, receive } = setUp();
    await send('a:1');
    receive();
    clock.seconds += VISIBILITY_SECONDS - 1;
    expect(receive()).toEqual([]);
    clock.seconds += 1;
    expect(receive()).toMatchObject([{ body: 'a:1', attributes: { ApproximateReceiveCount: '2' } }]);
  });

  test('keeps followers at visibility 0 behind a head that backs off', async () => {
    const { clock, queue, send, receive, bodies } = setUp();
    await send('a:1', 'a:2');
    const [head, follower] = receive();
    await queue.changeVisibility(head?.receiptHandle ?? '', 7);
    await queue.changeVisibility(follower?.receiptHandle ?? '', 0);
    clock.seconds += 6;
    expect(bodies()).toEqual([]);
    clock.seconds += 1;
    expect(bodies()).toEqual(['a:1', 'a:2']);
  });

  test('refuses to change or delete by a handle that has lapsed', async () => {
    const { clock, queue, send, receive } = setUp();
    await send('a:1');
    const handle = receive()[0]?.receiptHandle ?? '';
    clock.seconds += VISIBILITY_SECONDS;
    await expect(queue.changeVisibility(handle, 0)).rejects.toThrow('in flight');
    await queue.deleteMessage(handle);
    expect(receive()).toHaveLength(1);
  });
});

describe('deduplication of the queue in memory', () => {
  test('forgets a repetition for five minutes, even of a message that is gone', async () => {
    const { clock, queue, send, receive, bodies } = setUp();
    await send('a:1');
    await queue.deleteMessage(receive()[0]?.receiptHandle ?? '');
    clock.seconds += FIVE_MINUTES_SECONDS - 1;
    await send('a:1');
    expect(bodies()).toEqual([]);
    clock.seconds += 1;
    await send('a:1');
    expect(bodies()).toEqual(['a:1']);
  });
});

describe('a poll of the queue in memory', () => {
  const failing = (...itemIdentifiers: string[]): SQSBatchResponse => ({
    batchItemFailures: itemIdentifiers.map((itemIdentifier) => ({ itemIdentifier })),
  });

  test('deletes what the handler does not return', async () => {
    const { queue, send } = setUp();
    await send('a:1', 'b:1');
    await queue.poll(async ({ Records: [, second] }) => failing(second?.messageId ?? ''));
    expect(queue.messages()).toMatchObject([{ body: 'b:1', receiveCount: 1 }]);
  });

  test('deletes nothing when the handler returns an id that it was not given', async () => {
    const { queue, send } = setUp();
    await send('a:1', 'b:1');
    await queue.poll(async () => failing('unheard-of'));
    expect(queue.messages()).toHaveLength(2);
  });

  test('deletes nothing when the handler throws', async () => {
    const { queue, send } = setUp();
    await send('a:1');
    await expect(queue.poll(() => Promise.reject(new Error('crash')))).rejects.toThrow('crash');
    expect(queue.messages()).toHaveLength(1);
  });

  test('does not bother the handler when there is nothing', async () => {
    await expect(setUp().queue.poll(() => Promise.reject(new Error('called')))).resolves.toBe(0);
  });
});
