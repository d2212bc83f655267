import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import { aftercall } from './command.ts';
import { eventually } from './eventually.ts';
import { analytics, outcome, outcomeEventId } from './payloads.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

/** A schedule by the minute, an alarm by the quarter of one, and a machine with other work. */
const PATIENCE_SECONDS = 120;

let stage: Stage;
let sqs: SQSClient;
beforeAll(async () => {
  stage = await startStage();
  const { endpoints, region, accessKeyId, secretAccessKey } = stage.local.aws;
  sqs = new SQSClient({
    endpoint: endpoints.sqs,
    region,
    credentials: { accessKeyId, secretAccessKey },
  });
});
afterAll(async () => {
  sqs.destroy();
  await stage.stop();
});

/** A genuine event that the processor gave up, as its dead-letter queue has it. */
async function givenUp(reason: string, conversationId: string = randomUUID()) {
  const [declared, data] = [`evt-${randomUUID()}`, { ...outcome(), conversationId }];
  const [entry] = await stage.entriesOf('main', analytics(declared, data));
  if (!entry) throw new Error('unreachable');
  const attributes = { ...entry.attributes, reason, function: 'processor', attempts: '3' };
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: stage.local.resources.eventsDeadLetterQueueUrl,
      MessageBody: entry.body,
      MessageGroupId: entry.groupId,
      MessageDeduplicationId: randomUUID(),
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      ),
    }),
  );
  return { eventId: outcomeEventId(declared, data), conversationId };
}

async function open(conversationId: string, letters: number): Promise<void> {
  await eventually(async () => {
    const list = ['set-aside', 'list', '--kind', 'dead', '--conversation', conversationId];
    const { result } = await aftercall(stage, ...list);
    const { items } = result as { items: readonly { where: string; state: string }[] };
    expect(items.filter(({ where, state }) => where === 'set-aside' && state === 'OPEN')).toHaveLength(
      letters,
    );
  });
}

test('a dead letter is collected, replayed once however often it is asked for, and takes effect once', async () => {
  const { eventId, conversationId } = await givenUp('retries-exhausted');
  await open(conversationId, 1);
  const replay = ['set-aside', 'replay', '--conversation', conversationId];
  expect((await aftercall(stage, ...replay, '--dry-run')).result).toMatchObject({
    replayed: 1,
    dryRun: true,
  });
  expect(await aftercall(stage, ...replay)).toMatchObject({ code: 0, result: { replayed: 1, refused: 0 } });
  await eventually(async () =>
    expect(await stage.ledgerRow(eventId)).toMatchObject({
      status: 'COMPLETED',
      replayRun: expect.any(String),
    }),
  );
  expect((await aftercall(stage, ...replay)).result).toMatchObject({ replayed: 0 });
  expect((await aftercall(stage, ...replay, '--again')).result).toMatchObject({ replayed: 1 });
  await eventually(async () => expect(await stage.eventsQueued()).toBe(0));
  expect(await stage.conversation(conversationId)).toMatchObject({ revision: 1 });
  expect(stage.recordedFacts(conversationId)).toHaveLength(1);
  const { result } = await aftercall(stage, 'trace', eventId);
  expect(JSON.stringify(result)).toMatch(/processor gave it up .* replayed by /);
});

test('a forced replay has the consumer that is named forget, and the fact keeps its id', async () => {
  const { eventId, conversationId } = await givenUp('retries-exhausted');
  await open(conversationId, 1);
  await aftercall(stage, 'set-aside', 'replay', '--conversation', conversationId);
  await eventually(() => expect(stage.recordedFacts(conversationId)).toHaveLength(1));
  await eventually(async () => expect(await stage.ledgerRow(eventId)).toMatchObject({ status: 'COMPLETED' }));
  const force = ['--again', '--force', 'processor', '--because', 'the rule was wrong'];
  await aftercall(stage, 'set-aside', 'replay', '--conversation', conversationId, ...force);
  await eventually(() => expect(stage.recordedFacts(conversationId)).toHaveLength(2));
  expect(new Set(stage.recordedFacts(conversationId).map(({ id }) => id)).size).toBe(1);
});

test('the letters of a conversation come back in their order', async () => {
  const conversationId = randomUUID();
  const eventIds: string[] = [];
  for (let letter = 0; letter < 8; letter += 1)
    eventIds.push((await givenUp('retries-exhausted', conversationId)).eventId);
  await open(conversationId, 8);
  await aftercall(stage, 'set-aside', 'replay', '--conversation', conversationId);
  await eventually(() => expect(stage.recordedFacts(conversationId)).toHaveLength(8));
  expect(stage.recordedFacts(conversationId).map(({ data }) => data.event_id)).toEqual(eventIds);
});

test('what is discarded says who and why, and is done', async () => {
  const { eventId, conversationId } = await givenUp('retries-exhausted');
  await open(conversationId, 1);
  const discard = ['set-aside', 'discard', '--conversation', conversationId];
  expect((await aftercall(stage, ...discard)).code).toBe(2);
  expect(await aftercall(stage, ...discard, '--because', 'a test call')).toMatchObject({
    code: 0,
    result: { discarded: 1 },
  });
  const { result } = await aftercall(stage, 'trace', eventId);
  expect(JSON.stringify(result)).toMatch(/discarded by .* \(a test call\)/);
  expect(await stage.ledgerRow(eventId)).toBeUndefined();
});

test('what nobody vouches for, what is unknown and what selects nothing is refused with a reason', async () => {
  const conversationId = randomUUID();
  const [forged] = await stage.entriesOf('main', analytics('evt-forged', { ...outcome(), conversationId }));
  if (!forged) throw new Error('unreachable');
  await stage.enqueue({ ...forged, attributes: {} });
  const [letter] = await eventually(async () => {
    const letters = (await stage.deadLetters()).filter(({ body }) => body.includes(conversationId));
    expect(letters).toHaveLength(1);
    return letters;
  });
  const refused = await aftercall(stage, 'set-aside', 'replay', letter?.id ?? '');
  expect(refused).toMatchObject({ code: 3, result: { refused: 1, refusals: [{ reason: 'bad-seal' }] } });
  expect(await aftercall(stage, 'set-aside', 'replay', 'no-such-id')).toMatchObject({ code: 1 });
  expect(await aftercall(stage, 'set-aside', 'replay')).toMatchObject({ code: 2 });
});

test('a bad item in quarantine comes back only when it is good, and says what is wrong', async () => {
  const declared = `evt-${randomUUID()}`;
  expect((await stage.deliver('main', analytics(declared, [outcome(), { oops: 1 }]))).status).toBe(200);
  const replay = ['set-aside', 'replay', '--kind', 'quarantine'];
  await eventually(async () => {
    const { code, result } = await aftercall(stage, ...replay, '--dry-run');
    expect(code).toBe(3);
    expect(result).toMatchObject({
      refusals: [{ reason: 'bad-item', detail: expect.stringContaining('/data/1') }],
    });
  });
});

test(
  'the alarm on dead letters asks a person, whose answer is carried out once',
  async () => {
    const reason = `effect-refused-${randomUUID().slice(0, 8)}`;
    const { eventId } = await givenUp(reason);
    const review = await eventually(async () => {
      const { result } = await aftercall(stage, 'review', 'list');
      const { reviews } = result as { reviews: readonly { id: string; reason: string; state: string }[] };
      const found = reviews.find((one) => one.reason === reason && one.state === 'WAITING');
      if (!found) throw new Error('nobody is asked yet');
      expect(JSON.stringify(reviews)).not.toContain('taskToken');
      return found;
    }, PATIENCE_SECONDS);
    expect((await aftercall(stage, 'review', 'reject', review.id)).code).toBe(2);
    expect((await aftercall(stage, 'review', 'approve', review.id)).code).toBe(0);
    await eventually(
      async () => expect(await stage.ledgerRow(eventId)).toMatchObject({ status: 'COMPLETED' }),
      PATIENCE_SECONDS,
    );
    const twice = await eventually(async () => {
      const answer = await aftercall(stage, 'review', 'approve', review.id);
      expect(answer.error).toMatch(/is done: replay by /);
      return answer;
    });
    expect(twice.code).toBe(1);
  },
  3 * PATIENCE_SECONDS * 1_000,
);
