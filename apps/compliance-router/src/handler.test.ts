import { describe, expect, test } from '@jest/globals';
import { memoryConsumerCircuits } from '@aftercall/circuit-breaker';
import {
  createEnqueue,
  memoryFifoQueue,
  PermanentError,
  type QueueEntry,
  type QueueMessage,
} from '@aftercall/queue';
import type { Fact, QaMessage } from '@aftercall/schemas';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import type { SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { createHandler } from './handler.ts';
import type { ExternalTag, Tagged } from './route-fact.ts';
import { busEvent, outcomeFact, ruleSet, someRules, someTeams, violation } from './sample-facts.ts';

const outage = () => Object.assign(new Error('busy'), { name: 'ThrottlingException' });

interface Received {
  readonly receiveCount: number;
  /** The replay that sent it. */
  readonly replayRun?: string;
  /** How long before now SQS took the message. */
  readonly sentSecondsAgo: number;
}

/** The router with its QA queues in memory, its clock in the test's hand. */
function memoryRouter() {
  const clock = { now: new Date('2026-11-20T14:05:10.000Z') };
  const now = () => clock.now;
  const queues = new Map(
    [...someTeams].map((team) => [team, memoryFifoQueue({ now, visibilitySeconds: 60 })]),
  );
  const facts: Fact[] = [];
  const tags: ExternalTag[] = [];
  const dead: { message: QueueMessage; error: PermanentError }[] = [];
  const hidden: number[] = [];
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const faults = {
    rules: async () => ruleSet(someRules),
    send: async (_team: string, _entry: QueueEntry): Promise<void> => undefined,
    publish: async (): Promise<void> => undefined,
    deadLetter: async (): Promise<void> => undefined,
    setTag: async (_remainingMillis: number): Promise<Tagged> => ({ outcome: 'tagged' }),
  };
  const circuits = memoryConsumerCircuits(now);
  const handler = createHandler({
    circuits,
    rules: () => faults.rules(),
    teams: someTeams,
    send: async (team, entry) => {
      await faults.send(team, entry);
      await createEnqueue(queues.get(team)!.sendBatch)([entry]);
    },
    publish: async (published) => {
      await faults.publish();
      facts.push(...published);
    },
    setTag: async (tag, remainingMillis) => {
      const tagged = await faults.setTag(remainingMillis());
      if (tagged.outcome === 'tagged') tags.push(tag);
      return tagged;
    },
    genesysAppUrl: 'https://apps.mypurecloud.ie',
    changeVisibility: async (_handle, seconds) => void hidden.push(seconds),
    deadLetter: async (message, error) => {
      await faults.deadLetter();
      dead.push({ message, error });
    },
    backoff: { baseSeconds: 4, maxSeconds: 60 },
    log: createLogger({ function: 'compliance-router', destination: { write } }),
    metrics: createMetrics({ function: 'compliance-router', write, now }),
    random: () => 0.99,
    now,
  });
  let received = 0;
  const record = (body: string, { receiveCount, sentSecondsAgo, replayRun }: Received): SQSRecord => ({
    messageId: `m${(received += 1)}`,
    receiptHandle: `h${received}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: String(clock.now.getTime() - sentSecondsAgo * 1000),
      SenderId: 'events',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes:
      replayRun === undefined ? {} : { replayrun: { dataType: 'String', stringValue: replayRun } },
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:aftercall-test-compliance',
    awsRegion: 'eu-west-1',
  });
  /** One batch; answers which of its messages go back, by their place in it. */
  async function handle(bodies: readonly string[], how: Partial<Received> = {}): Promise<readonly number[]> {
    const Records = bodies.map((body) => record(body, { receiveCount: 1, sentSecondsAgo: 1, ...how }));
    const context = { getRemainingTimeInMillis: () => 10_000 };
    const { batchItemFailures } = await handler({ Records }, context);
    return batchItemFailures.map(({ itemIdentifier }) =>
      Records.findIndex(({ messageId }) => messageId === itemIdentifier),
    );
  }
  const inQueue = (team: string) => queues.get(team)!.messages();
  const told = (team: string) => inQueue(team).map(({ body }) => JSON.parse(body) as QaMessage);
  const parsed = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const metric = (name: string) => parsed().filter((line) => '_aws' in line && name in line);
  const later = (seconds: number) => void (clock.now = new Date(clock.now.getTime() + seconds * 1000));
  const logged = () => parsed().filter((line) => !('_aws' in line));
  return { circuits, handle, later, inQueue, told, facts, tags, dead, hidden, lines, logged, metric, faults };
}

const card = violation({ code: 'PCI_CARD_SPOKEN', severity: 'major', offset_ms: 184_250 });
const rude = violation({ code: 'RUDE', category: 'conduct', severity: 'minor' });
const strange = violation({ code: 'NEW_THING' });

describe('an outcome with violations', () => {
  test('is one message for each team, with all that is the team’s, and one fact for each', async () => {
    const { handle, told, facts, dead } = memoryRouter();
    expect(await handle([busEvent(outcomeFact([card, rude, card, strange]))])).toEqual([]);
    expect(told('security')).toMatchObject([{ team: 'security', violationCount: 2, conversationId: 'c1' }]);
    expect(told('coaching')).toMatchObject([{ violations: [{ code: 'RUDE', rule: 'conduct' }] }]);
    expect(told('default')).toMatchObject([{ violations: [{ code: 'NEW_THING', rule: null }] }]);
    expect(facts.map(({ id }) => id).sort()).toEqual([
      'main/o#c1/-/aftercall.compliance.routed/coaching',
      'main/o#c1/-/aftercall.compliance.routed/default',
      'main/o#c1/-/aftercall.compliance.routed/security',
    ]);
    expect(dead).toEqual([]);
  });

  test('keeps the order of its conversation, and is known by fact and team', async () => {
    const { handle, inQueue } = memoryRouter();
    await handle([busEvent(outcomeFact([card])), busEvent(outcomeFact([card, rude], {}, 'c 2'))]);
    const [one, two] = inQueue('security');
    expect([one?.groupId, two?.groupId]).toEqual(['main/c1', expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(one?.deduplicationId).toMatch(/^[0-9a-f]{64}$/);
    const ids = [one, two, ...inQueue('coaching')].map((message) => message?.deduplicationId);
    expect(new Set(ids).size).toBe(3);
  });

  test('that comes again within five minutes is there once, and its facts have the same ids', async () => {
    const { handle, later, told, facts } = memoryRouter();
    const body = busEvent(outcomeFact([card, rude]));
    for (let n = 0; n < 4; n += 1) {
      await handle([body, body], { receiveCount: 1 + n });
      later(60);
    }
    expect([told('security'), told('coaching')]).toMatchObject([[{}], [{}]]);
    expect(new Set(facts.map(({ id }) => id)).size).toBe(2);
  });

  test('the same fact gives the same bytes, whatever is in it', async () => {
    const text = fc.option(fc.string({ unit: 'binary', maxLength: 12 }));
    const some = fc.array(fc.record({ code: text, category: text }).map(violation), {
      minLength: 1,
      maxLength: 6,
    });
    const id = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(some, id, async (violations, conversationId) => {
        const first = memoryRouter();
        const second = memoryRouter();
        second.later(86_400);
        const body = busEvent(outcomeFact(violations, {}, conversationId));
        await first.handle([body]);
        await second.handle([body], { receiveCount: 9 });
        for (const team of someTeams) {
          const sent = ({ inQueue }: typeof first) =>
            inQueue(team).map((message) => [message.body, message.groupId, message.deduplicationId]);
          expect(sent(second)).toEqual(sent(first));
        }
        expect(first.facts.length).toBeGreaterThan(0);
        expect(second.facts).toEqual(first.facts);
      }),
    );
  });
});

test('an outcome without violations needs nothing and is done', async () => {
  const { handle, facts, dead, logged, metric } = memoryRouter();
  expect(await handle([busEvent(outcomeFact([]))])).toEqual([]);
  expect([facts, dead]).toEqual([[], []]);
  expect(logged()).toMatchObject([{ result: 'nothing-to-route' }]);
  expect(metric('Routed')).toEqual([]);
});

describe('a message that cannot be routed by anybody', () => {
  const fact = outcomeFact([card]);
  const changed = (data: object) => busEvent({ ...fact, data: { ...fact.data, ...data } });

  test.each([
    ['that is not JSON', '{', 'bad-schema'],
    ['that is no event of the bus', '{"hello":"world"}', 'bad-schema'],
    ['of another type', busEvent(fact).replaceAll('outcome.recorded', 'weather.changed'), 'unknown-type'],
    [
      'with a severity there is not',
      changed({ violation_details: [{ ...card, severity: 'furious' }] }),
      'bad-schema',
    ],
    ['with a violation that is none', changed({ violation_details: ['PCI'] }), 'bad-schema'],
    ['received at no time', changed({ received_at: '2016-12-31T23:59:60Z' }), 'bad-schema'],
    [
      'that counts violations and has none',
      changed({ violation_count: 2, violation_details: [] }),
      'bad-schema',
    ],
    [
      'too large to tell',
      changed({ violation_details: [{ ...card, code: '🙂'.repeat(100_000) }] }),
      'effect-refused',
    ],
  ])('%s is a dead letter at once, and the others go on', async (_case, body, reason) => {
    const { handle, dead, told, metric } = memoryRouter();
    expect(await handle([body, busEvent(outcomeFact([card], {}, 'c2'))])).toEqual([]);
    expect(dead).toMatchObject([{ message: { body }, error: { reason } }]);
    expect(told('security')).toMatchObject([{ conversationId: 'c2' }]);
    expect(metric('DeadLettered')).toMatchObject([{ Reason: reason, DeadLettered: 1 }]);
  });

  test('comes again when not even the dead-letter queue can take it', async () => {
    const { handle, faults, metric } = memoryRouter();
    faults.deadLetter = () => Promise.reject(outage());
    expect(await handle(['{'])).toEqual([0]);
    expect(metric('DeadLettered')).toEqual([]);
  });

  test('says nothing of what is in it', async () => {
    const { handle, dead, lines } = memoryRouter();
    const said = { ...card, severity: '4111 1111 1111 1111' };
    await handle([changed({ violation_details: [said] })]);
    expect(`${dead[0]?.error.detail}${lines.join()}`).not.toContain('4111');
    expect(dead[0]?.error.detail).toContain('/violation_details/0/severity');
  });
});

describe('when something is down', () => {
  test.each(['rules', 'send', 'publish'] as const)(
    'an outage of %s puts the message off, and only it',
    async (part) => {
      const { handle, faults, hidden, dead, told } = memoryRouter();
      const works = faults[part];
      Object.assign(faults, { [part]: () => Promise.reject(outage()) });
      expect(await handle([busEvent(outcomeFact([card])), '{'], { receiveCount: 3 })).toEqual([0]);
      expect(hidden).toEqual([16]);
      expect(dead).toHaveLength(1);
      Object.assign(faults, { [part]: works });
      expect(await handle([busEvent(outcomeFact([card]))], { receiveCount: 4 })).toEqual([]);
      expect(told('security')).toHaveLength(1);
    },
  );

  test('one team’s queue holds back no other team', async () => {
    const { handle, faults, told, facts } = memoryRouter();
    faults.send = async (team) => {
      if (team === 'security') throw outage();
    };
    expect(await handle([busEvent(outcomeFact([card, rude]))])).toEqual([0]);
    expect(told('coaching')).toHaveLength(1);
    expect(facts.map(({ id }) => id)).toEqual(['main/o#c1/-/aftercall.compliance.routed/coaching']);
  });

  test('what one team can never be told does not keep the other from a later try', async () => {
    const { handle, faults, dead, told } = memoryRouter();
    let coachingIsDown = true;
    faults.send = async (team) => {
      if (team === 'security') throw new PermanentError('effect-refused');
      if (coachingIsDown) throw outage();
    };
    const body = busEvent(outcomeFact([card, rude]));
    expect(await handle([body])).toEqual([0]);
    expect(dead).toEqual([]);
    coachingIsDown = false;
    expect(await handle([body])).toEqual([]);
    expect(told('coaching')).toHaveLength(1);
    expect(dead).toMatchObject([{ error: { reason: 'effect-refused' } }]);
  });

  test('nobody is told on the bus of what is not in a queue', async () => {
    const { handle, faults, facts } = memoryRouter();
    faults.send = () => Promise.reject(outage());
    await handle([busEvent(outcomeFact([card, rude, strange]))]);
    expect(facts).toEqual([]);
  });
});

describe('a rule with a tag', () => {
  const { rules } = someRules;
  const taggedRules = ruleSet({
    ...someRules,
    rules: rules.map((rule) => (rule.name === 'card-data' ? { ...rule, tag: 'card-data' } : rule)),
  });
  const taggingRouter = () => {
    const router = memoryRouter();
    router.faults.rules = async () => taggedRules;
    return router;
  };
  const refusal = (reason: 'no-genesys-org' | 'tag-refused') => async (): Promise<Tagged> => ({
    outcome: 'refused',
    reason,
    error: new Error('grant it'),
  });

  test('tags the conversation in Genesys Cloud, once its violations are told', async () => {
    const { handle, faults, tags, told, facts, logged } = taggingRouter();
    const toldBefore: number[] = [];
    faults.setTag = async (remainingMillis) => {
      toldBefore.push(told('security').length, told('coaching').length, facts.length, remainingMillis);
      return { outcome: 'tagged' };
    };
    expect(await handle([busEvent(outcomeFact([rude, card]))])).toEqual([]);
    expect(tags).toEqual([{ org: 'main', conversationId: 'c1', tag: 'card-data' }]);
    expect(toldBefore).toEqual([1, 1, 2, 10_000]);
    expect(logged()).toMatchObject([{ result: 'routed', tag: 'tagged' }]);
  });

  test('sets no tag for violations that other rules match', async () => {
    const { handle, tags, logged } = taggingRouter();
    await handle([busEvent(outcomeFact([rude, strange]))]);
    expect(tags).toEqual([]);
    expect(logged()[0]).not.toHaveProperty('tag');
  });

  test('comes again while Genesys Cloud is out of order; the team is told once', async () => {
    const { handle, faults, hidden, dead, tags, told } = taggingRouter();
    const works = faults.setTag;
    faults.setTag = () => Promise.reject(outage());
    const body = busEvent(outcomeFact([card]));
    expect(await handle([body])).toEqual([0]);
    expect([hidden, dead]).toEqual([[4], []]);
    faults.setTag = works;
    expect(await handle([body], { receiveCount: 2 })).toEqual([]);
    expect(tags).toHaveLength(1);
    expect(told('security')).toHaveLength(1);
  });

  test.each(['no-genesys-org', 'tag-refused'] as const)(
    'that is refused (%s) is an error and counted, and the violations are routed',
    async (reason) => {
      const { handle, faults, told, dead, logged, metric } = taggingRouter();
      faults.setTag = refusal(reason);
      expect(await handle([busEvent(outcomeFact([card]))])).toEqual([]);
      expect([told('security'), dead]).toMatchObject([[{}], []]);
      expect(logged()).toMatchObject([
        { level: 'error', msg: 'external tag', reason, err: { message: 'grant it' }, conversationId: 'c1' },
        { level: 'info', result: 'routed', tag: 'refused' },
      ]);
      expect(metric('Rejected')).toMatchObject([{ Reason: reason, Rejected: 1 }]);
    },
  );

  test('waits while Genesys Cloud is known to be down, and the team does not', async () => {
    const { circuits, handle, told, tags, hidden } = taggingRouter();
    await circuits.open('genesys/main');
    expect(await handle([busEvent(outcomeFact([card]))])).toEqual([0]);
    expect([told('security'), tags, hidden]).toMatchObject([
      [{ conversationId: 'c1' }],
      [],
      [expect.any(Number)],
    ]);
  });

  test('does not hide that a team could not be told', async () => {
    const { handle, faults, tags } = taggingRouter();
    faults.send = () => Promise.reject(outage());
    expect(await handle([busEvent(outcomeFact([card]))])).toEqual([0]);
    expect(tags).toEqual([]);
  });
});

describe('what may have been told twice', () => {
  test.each([
    ['a first receive, however late', { receiveCount: 1, sentSecondsAgo: 4_000 }, 0],
    ['a repetition within five minutes', { receiveCount: 2, sentSecondsAgo: 300 }, 0],
    ['a repetition after that', { receiveCount: 2, sentSecondsAgo: 301 }, 1],
    ['a replay of what was set aside', { replayRun: 'run-1' }, 1],
  ])('%s', async (_case, how, times) => {
    const { handle, metric } = memoryRouter();
    await handle([busEvent(outcomeFact([card]))], how);
    expect(metric('PossiblyRepeated')).toHaveLength(times);
  });

  test('is not what there was nothing to tell of', async () => {
    const { handle, metric } = memoryRouter();
    await handle([busEvent(outcomeFact([]))], { receiveCount: 2, sentSecondsAgo: 400 });
    expect(metric('PossiblyRepeated')).toEqual([]);
  });
});

test('each queue is counted, and how long it took from the sender’s delivery', async () => {
  const { handle, metric } = memoryRouter();
  await handle([busEvent(outcomeFact([card, card, strange])), busEvent(outcomeFact([strange], {}, 'c2'))]);
  expect(
    metric('Routed')
      .map(({ Queue, Routed }) => [Queue, Routed])
      .sort(),
  ).toEqual([
    ['default', 2],
    ['security', 1],
  ]);
  expect(metric('Processed')).toMatchObject([{ Processed: 2, Source: 'main' }]);
  expect(metric('EndToEndLatency')).toMatchObject([{ EndToEndLatency: [10_000, 10_000] }]);
});

test('one line of log for each message, with ids and counts and nothing that was said', async () => {
  const { handle, logged } = memoryRouter();
  await handle([busEvent(outcomeFact([card, strange], { keywords: ['my card is 4111'] }))]);
  expect(logged()).toEqual([
    {
      level: 'info',
      time: expect.any(String),
      function: 'compliance-router',
      msg: 'violations',
      eventId: 'o#c1/-',
      conversationId: 'c1',
      source: 'main',
      result: 'routed',
      teams: ['security', 'default'],
      unmatched: 1,
      durationMs: 0,
      receiveCount: 1,
    },
  ]);
});

test.each(['sqs', 'events'])(
  'while %s is known to be down nobody is told in part: the fact is held, and archived after too long',
  async (downstream) => {
    const { circuits, handle, later, inQueue, facts, hidden } = memoryRouter();
    await circuits.open(downstream);
    expect(await handle([busEvent(outcomeFact([card]))])).toEqual([0]);
    expect([inQueue('security'), facts]).toEqual([[], []]);
    expect(hidden).toHaveLength(1);
    later(7_200);
    expect(await handle([busEvent(outcomeFact([card]))], { sentSecondsAgo: 7_200 })).toEqual([]);
    expect(circuits.archived).toHaveLength(1);
    expect(inQueue('security')).toEqual([]);
  },
);
