import { expect, test } from '@jest/globals';
import type { SQSEvent } from 'aws-lambda';
import { PermanentError } from './permanent-error.ts';
import type { QueueMessage } from './queue-message.ts';
import type { ReturnDeps } from './return-message.ts';
import { runTogether } from './run-together.ts';
import { TransientError } from './transient-error.ts';

const eventOf = (...bodies: string[]): SQSEvent => ({
  Records: bodies.map((body) => ({
    ...{ messageId: `id of ${body}`, receiptHandle: body, body, messageAttributes: {}, md5OfBody: '' },
    attributes: {
      ...{ ApproximateReceiveCount: '2', SentTimestamp: '0', SenderId: 'sender' },
      ApproximateFirstReceiveTimestamp: '0',
    },
    ...{ eventSource: 'aws:sqs', eventSourceARN: 'arn:aws:sqs:eu-west-1:0:lake', awsRegion: 'eu-west-1' },
  })),
});

function recordedDeps(changes: Partial<ReturnDeps> = {}) {
  const visibilities: [string, number][] = [];
  const deadLetters: [string, string][] = [];
  const deps: ReturnDeps = {
    changeVisibility: async (receiptHandle, seconds) => void visibilities.push([receiptHandle, seconds]),
    deadLetter: async ({ body }, { reason }) => void deadLetters.push([body, reason]),
    log: { warn: () => undefined },
    random: () => 0.5,
    backoff: { baseSeconds: 4, maxSeconds: 60 },
    ...changes,
  };
  return { deps, visibilities, deadLetters };
}

const kept = (...bodies: string[]) => ({
  batchItemFailures: bodies.map((body) => ({ itemIdentifier: `id of ${body}` })),
});

test('all messages are handled in one go, and those that did not fail are settled', async () => {
  const { deps, visibilities, deadLetters } = recordedDeps();
  const handled: string[][] = [];
  const answer = await runTogether(
    eventOf('a', 'b', 'c'),
    async (messages) => {
      handled.push(messages.map(({ body }) => body));
      return [];
    },
    deps,
  );
  expect([answer, handled]).toEqual([kept(), [['a', 'b', 'c']]]);
  expect([visibilities, deadLetters]).toEqual([[], []]);
});

test('a message is given up, comes again after a back-off, or after the delay that was stated', async () => {
  const { deps, visibilities, deadLetters } = recordedDeps();
  const errors: Record<string, Error> = {
    bad: new PermanentError('bad-schema'),
    late: new Error('SlowDown'),
    told: new TransientError('wait', { retryAfterSeconds: 30 }),
  };
  const answer = await runTogether(
    eventOf('good', 'bad', 'late', 'told'),
    async (messages) =>
      messages.flatMap((message) => {
        const error = errors[message.body];
        return error ? [{ message, error }] : [];
      }),
    deps,
  );
  expect(answer).toEqual(kept('late', 'told'));
  expect(deadLetters).toEqual([['bad', 'bad-schema']]);
  expect(visibilities).toEqual([
    ['late', 4],
    ['told', 30],
  ]);
});

test('when the work throws, every message comes again', async () => {
  const { deps } = recordedDeps();
  const broken = async () => Promise.reject(new Error('out of memory'));
  expect(await runTogether(eventOf('a', 'b'), broken, deps)).toEqual(kept('a', 'b'));
});

test('what the dead-letter queue does not take comes again', async () => {
  const { deps } = recordedDeps({ deadLetter: async () => Promise.reject(new Error('down')) });
  const bad = async (messages: readonly QueueMessage[]) =>
    messages.map((message) => ({ message, error: new PermanentError('bad-schema') }));
  expect(await runTogether(eventOf('a'), bad, deps)).toEqual(kept('a'));
});

test('a visibility that cannot be changed costs time only', async () => {
  const { deps } = recordedDeps({ changeVisibility: async () => Promise.reject(new Error('down')) });
  const late = async () => Promise.reject(new Error('SlowDown'));
  expect(await runTogether(eventOf('a'), late, deps)).toEqual(kept('a'));
});
