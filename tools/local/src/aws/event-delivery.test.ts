import { describe, expect, test } from '@jest/globals';
import type { BusEvent, BusTarget } from './bus-target.ts';
import { createEventDelivery } from './event-delivery.ts';
import type { AttemptResult, OutgoingMessage } from './sqs-outbox.ts';

const event = { version: '0', id: 'e1', detail: { id: 'f1' } } as BusEvent;
const target: BusTarget = {
  kind: 'sqs',
  id: 't',
  arn: 'arn:aws:sqs:r:0:lake',
  ruleArn: 'arn:aws:events:r:0:rule/bus/lake',
  input: ({ detail }) => detail,
  groupId: undefined,
  deadLetterArn: 'arn:aws:sqs:r:0:lake-dead',
  maximumRetryAttempts: 185,
  maximumEventAgeSeconds: 86_400,
};

const failure: AttemptResult = { outcome: 'failed', retry: 'later', code: 'C', message: 'it is down' };
const refusal: AttemptResult = { ...failure, retry: 'never' };
const delivered: AttemptResult = { outcome: 'delivered' };

/** Answers the attempts in turn, the last answer for ever; time passes in pauses only. */
function delivery(answers: readonly AttemptResult[], deadLetterResult: AttemptResult = delivered) {
  const pauses: number[] = [];
  const reports: string[] = [];
  const dead: { queueArn: string; message: OutgoingMessage }[] = [];
  let millis = 0;
  let attempts = 0;
  const { deliver, stop } = createEventDelivery({
    attempt: async () => {
      attempts += 1;
      return answers[attempts - 1] ?? answers.at(-1) ?? delivered;
    },
    sendDeadLetter: async (queueArn, message) => {
      dead.push({ queueArn, message });
      return deadLetterResult;
    },
    now: () => new Date(millis),
    random: () => 1,
    pause: async (pauseMillis) => {
      pauses.push(pauseMillis);
      millis += pauseMillis;
    },
    stopping: new AbortController(),
    report: (line) => reports.push(line),
  });
  const settled = async (): Promise<void> => {
    for (let turns = 0; turns < 2_000; turns += 1) await Promise.resolve();
  };
  return { deliver, stop, settled, pauses, reports, dead, attempts: () => attempts };
}

describe('a target that does not take an event', () => {
  test('is tried again with pauses that double up to five seconds, until it takes it', async () => {
    const { deliver, settled, pauses, dead, attempts } = delivery([
      ...Array<typeof failure>(8).fill(failure),
      delivered,
    ]);
    deliver(event, target);
    await settled();
    expect(attempts()).toBe(9);
    expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    expect(dead).toEqual([]);
  });

  test('is not tried before it asks to be', async () => {
    const { deliver, settled, pauses } = delivery([
      { ...failure, retryAfterMillis: 30_000 },
      { ...failure, retryAfterMillis: 1 },
      delivered,
    ]);
    deliver(event, target);
    await settled();
    expect(pauses).toEqual([30_000, 200]);
  });

  test('is told once per outage, and so is the end of it', async () => {
    const { deliver, settled, reports } = delivery([failure, failure, failure, delivered]);
    deliver(event, target);
    await settled();
    expect(reports).toEqual([
      'events: lake did not take event e1, trying again: it is down',
      'events: lake takes events again',
    ]);
  });
});

describe('an event is given up', () => {
  const attributes = {
    RULE_ARN: target.ruleArn,
    TARGET_ARN: target.arn,
    ERROR_CODE: 'C',
    ERROR_MESSAGE: 'it is down',
  };

  test('after the retries that its target allows', async () => {
    const { deliver, settled, dead, attempts } = delivery([failure]);
    deliver(event, { ...target, maximumRetryAttempts: 3 });
    await settled();
    expect(attempts()).toBe(4);
    expect(dead).toEqual([
      {
        queueArn: target.deadLetterArn,
        message: {
          body: JSON.stringify(event),
          attributes: {
            ...attributes,
            RETRY_ATTEMPTS: '3',
            EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
          },
        },
      },
    ]);
  });

  test('when the next try would come after the age that its target allows', async () => {
    const { deliver, settled, pauses, dead } = delivery([failure]);
    deliver(event, { ...target, maximumEventAgeSeconds: 60 });
    await settled();
    const spentMillis = pauses.reduce((sum, millis) => sum + millis, 0);
    expect([spentMillis <= 60_000, spentMillis + 5_000 > 60_000]).toEqual([true, true]);
    expect(dead[0]?.message.attributes).toMatchObject({
      RETRY_ATTEMPTS: String(pauses.length),
      EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds',
    });
  });

  test('at once when trying again is of no use', async () => {
    const { deliver, settled, pauses, dead } = delivery([refusal]);
    deliver(event, target);
    await settled();
    expect(pauses).toEqual([]);
    expect(dead[0]?.message.attributes).toEqual({ ...attributes, RETRY_ATTEMPTS: '0' });
  });

  test.each([
    ['has none', undefined, 'it has no dead-letter queue'],
    ['does not take it', target.deadLetterArn, 'it is lost: it is down'],
  ])('and told to be lost when the dead-letter queue %s', async (_case, deadLetterArn, message) => {
    const { deliver, settled, reports } = delivery([refusal], failure);
    deliver(event, { ...target, deadLetterArn });
    await settled();
    expect(reports).toEqual([expect.stringContaining(message)]);
  });

  test('without a dead letter when the stack stops: it was never given up', async () => {
    const { deliver, stop, settled, dead, reports } = delivery([failure]);
    deliver(event, target);
    await stop();
    await settled();
    expect([dead, reports]).toEqual([[], []]);
  });
});
