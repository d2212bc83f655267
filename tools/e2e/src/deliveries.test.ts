import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';
import { genuineHeaders, request } from './http.ts';
import { analytics, conversationStep, fixture, fixtureFile, outcome, outcomeEventId } from './payloads.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const REPOSITORY = resolve(import.meta.dirname, '../../..');

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ proxied: ['ingest'] });
});
afterAll(() => stage.stop());

const ACCEPTED = (events: number, refused = 0) => ({
  status: 'accepted',
  deliveryId: expect.stringMatching(/^[0-9a-f]{64}$/),
  events,
  refused,
});

interface FixtureEvent {
  readonly conversationId: string;
  readonly communicationId?: string;
}
interface AnalyticsFixture {
  readonly webhookEventId?: string;
  readonly data: FixtureEvent | readonly FixtureEvent[];
}

const ANALYTICS_FIXTURES = [
  'single',
  'minimal',
  'batch',
  'without-event-id',
  'retried-with-changed-metadata',
];
const CONVERSATION = '88aaeb7c-b314-4f25-8e68-33eb0bd47e27';

const factIds = (): readonly string[] => stage.facts().map(({ id }) => id);
const repeated = (ids: readonly string[]): readonly string[] =>
  ids.filter((id, index) => ids.indexOf(id) !== index);

/** Waits until nothing is on its way any more, so that what did not come can be told from what has not come yet. */
async function settled(): Promise<void> {
  await eventually(async () => {
    expect(await stage.eventsQueued()).toBe(0);
    expect((await stage.ledgerRows()).filter(({ status }) => status !== 'COMPLETED')).toEqual([]);
  });
}

const outcomeIdOf = (
  webhookEventId: string,
  { conversationId, communicationId = '-' }: FixtureEvent,
): string => `${webhookEventId}#${conversationId}/${communicationId}`;

/** One event had its one effect: ledger, conversation and both facts, under the ids that the contract gives them. */
async function expectRecorded(eventId: string, conversationId: string, org = 'main'): Promise<void> {
  await eventually(async () => {
    expect(await stage.ledgerRow(eventId, org)).toMatchObject({ status: 'COMPLETED', attempts: 1 });
    const key = org === 'main' ? conversationId : `${org}/${conversationId}`;
    const conversation = await stage.conversation(key);
    expect(conversation).toMatchObject({ org, lastEventId: eventId });
    // Its transcript, once it is stored, is a revision of its own.
    const transcripts = conversation?.['transcripts'] as readonly string[];
    expect(Number(conversation?.['revision']) - transcripts.length).toBe(1);
    const facts = stage.facts().filter(({ subject, org: of }) => subject === conversationId && of === org);
    expect(facts.map(({ id }) => id).sort()).toEqual([
      `${org}/${eventId}/aftercall.conversation.changed`,
      `${org}/${eventId}/aftercall.outcome.recorded`,
    ]);
  });
}

describe('recorded deliveries', () => {
  test.each(ANALYTICS_FIXTURES)(
    'analytics-webhook/%s.json is accepted and each of its outcomes recorded once',
    async (name) => {
      const body = fixture(`analytics-webhook/${name}.json`);
      const { webhookEventId, data } = JSON.parse(body.toString()) as AnalyticsFixture;
      const outcomes = [data].flat();
      const answer = await stage.deliver('main', body);
      expect([answer.status, answer.body]).toEqual([200, ACCEPTED(outcomes.length)]);
      for (const one of outcomes) {
        const [recorded] = await eventually(() => {
          const found = stage.recordedFacts(one.conversationId);
          expect(found).toHaveLength(1);
          return found;
        });
        const eventId = recorded?.data.event_id ?? '';
        if (webhookEventId !== undefined) expect(eventId).toBe(outcomeIdOf(webhookEventId, one));
        else
          expect(eventId).toMatch(new RegExp(`^[0-9a-f]{64}#${one.conversationId}/${one.communicationId}$`));
        await expectRecorded(eventId, one.conversationId);
      }
    },
  );

  test('an outcome reaches the bus normalised, and its conversation knows score and violations', async () => {
    const conversationId = '47eaa099-2cb6-416d-86dc-283cf0480ff9';
    expect(stage.recordedFacts(conversationId)[0]).toMatchObject({
      specversion: '1.0',
      source: 'aftercall',
      subject: conversationId,
      time: '2026-11-20T14:03:27.418Z',
      org: 'main',
      data: {
        source: 'main',
        sentiment_label: 'negative',
        sentiment_score: -0.62,
        top_intent: 'cancel_contract',
        violation_count: 2,
        violations: ['PCI_CARD_SPOKEN', 'DISCLOSURE_MISSING'],
        max_severity: 'critical',
        has_transcript: true,
        transcript_communication_id: 'f5ec52ed-0108-4475-92e1-bc7656670b14',
        truncated: false,
      },
    });
    expect(await stage.conversation(conversationId)).toMatchObject({
      status: 'active',
      mediaType: 'voice',
      sentimentScore: -0.62,
      violationCount: 2,
      agentIds: ['1509bb0a-9bf1-4331-8a11-8783593942a4'],
    });
  });

  test('conversation-webhook/*.json move one conversation from created to ended; what is not recorded is taken and skipped', async () => {
    const events: Record<string, number> = {
      created: 1,
      updated: 1,
      unsupported: 0,
      'updated-email': 0,
      'updated-transfer': 1,
      ended: 1,
    };
    for (const [name, count] of Object.entries(events)) {
      const answer = await stage.deliver('main', fixture(`conversation-webhook/${name}.json`));
      expect([name, answer.status, answer.body]).toEqual([name, 200, ACCEPTED(count)]);
    }
    await eventually(async () => {
      expect(await stage.conversation(CONVERSATION)).toMatchObject({
        status: 'ended',
        state: 'disconnected',
        mediaType: 'voice',
        externalContactId: 'ext-4471',
        startedAt: '2026-11-20T09:00:00.000Z',
        updatedAt: '2026-11-20T09:11:03.900Z',
        endedAt: '2026-11-20T09:11:03.900Z',
        agentIds: ['1509bb0a-9bf1-4331-8a11-8783593942a4'],
        revision: 4,
      });
      const changed = stage.changedFacts(CONVERSATION);
      expect(changed.map(({ data }) => data.state).sort()).toEqual([
        'alerting',
        'connected',
        'disconnected',
        'transferred',
      ]);
    });
    const rows = (await stage.ledgerRows()).filter(({ pk }) => String(pk).includes(CONVERSATION));
    expect(rows.map(({ status }) => status)).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED', 'COMPLETED']);
  });

  /** The README's own command, so that what it tells its readers to paste works. */
  const curlOfReadme = (): string => {
    const [command] = /^curl [^]*?(?=\n```)/m.exec(readFileSync(join(REPOSITORY, 'README.md'), 'utf8')) ?? [];
    if (command === undefined) throw new Error('README.md shows no curl command');
    return command;
  };

  const WEBHOOK_FIXTURES = ['analytics-webhook', 'conversation-webhook'].flatMap((dialect) =>
    readdirSync(fixtureFile(dialect)).map((file) => `${dialect}/${file}`),
  );

  test.each(WEBHOOK_FIXTURES)(
    '%s, signed with openssl and sent with curl as the README shows, is accepted',
    async (name) => {
      const { url, secret } = stage.source('main');
      const env = { ...process.env, URL: url, SECRET: secret, BODY: fixtureFile(name) };
      const { stdout } = await promisify(execFile)('sh', ['-c', curlOfReadme()], { cwd: REPOSITORY, env });
      expect(stdout).toMatch(/^HTTP\/1.1 200 /);
      expect(JSON.parse(stdout.split('\r\n\r\n').at(-1) ?? '')).toMatchObject({
        status: 'accepted',
        refused: 0,
      });
    },
  );
});

describe('sources', () => {
  const SOURCES = ['main', 'messaging', 'relay'];

  test.each(SOURCES)('%s accepts what is signed in its own scheme', async (key) => {
    const [eventId, data] = [`evt-${randomUUID()}`, outcome()];
    const answer = await stage.deliver(key, analytics(eventId, data));
    expect([answer.status, answer.body]).toEqual([200, ACCEPTED(1)]);
    await expectRecorded(outcomeEventId(eventId, data), data.conversationId, key);
  });

  test('two sources with one event id are two events', async () => {
    const [eventId, data] = [`evt-${randomUUID()}`, outcome()];
    for (const key of SOURCES) expect((await stage.deliver(key, analytics(eventId, data))).status).toBe(200);
    await eventually(async () => {
      for (const key of SOURCES) {
        expect(await stage.ledgerRow(outcomeEventId(eventId, data), key)).toMatchObject({
          status: 'COMPLETED',
        });
        const item = key === 'main' ? data.conversationId : `${key}/${data.conversationId}`;
        expect(await stage.conversation(item)).toMatchObject({ org: key, revision: 1 });
      }
      expect(
        stage
          .recordedFacts(data.conversationId)
          .map(({ org }) => org)
          .sort(),
      ).toEqual(SOURCES);
    });
  });

  /** How each scheme's signature can be wrong, given the headers of a genuine one. */
  const FORGERIES: readonly (readonly [
    string,
    (genuine: Record<string, string>, header: string) => Record<string, string>,
  ])[] = [
    ['without a signature', (genuine, header) => without(genuine, header)],
    ['with an empty one', (genuine, header) => ({ ...genuine, [header]: '' })],
    ['with more after a good one', (genuine, header) => ({ ...genuine, [header]: `${genuine[header]}zz` })],
    [
      'with one that is too short',
      (genuine, header) => ({ ...genuine, [header]: genuine[header]?.slice(0, -2) ?? '' }),
    ],
    [
      'with one that is not of its encoding',
      (genuine, header) => ({ ...genuine, [header]: genuine[header]?.replace(/.{8}$/, '!!!!!!!!') ?? '' }),
    ],
  ];

  test.each(SOURCES)(
    '%s refuses every forgery, tells the forger nothing and keeps nothing of it',
    async (key) => {
      const { url, scheme, secret } = stage.source(key);
      const body = analytics(`evt-${randomUUID()}`, outcome());
      const sign = (of: string, by = secret) => genuineHeaders({ scheme, secret: by }, of, 'delivery');
      const genuine = sign(body);
      const header = Object.keys(genuine).find((name) => name.includes('signature')) ?? '';
      const forged = [
        ...FORGERIES.map(([, forge]) => forge(genuine, header)),
        sign(body, `whsec_${Buffer.from('what a forger guesses').toString('base64')}`),
        sign(`${body} `),
        ...(key === 'relay'
          ? [
              stale(secret, body),
              { ...genuine, 'webhook-id': 'another' },
              without(genuine, 'webhook-timestamp'),
            ]
          : []),
      ];
      const outgoing = (['sqs', 's3', 'dynamodb'] as const).map((service) => stage.proxy('ingest', service));
      outgoing.forEach((proxy) => proxy.reset());
      for (const headers of forged) {
        const answer = await request(url, { headers, body });
        expect([headers[header], answer.status]).toEqual([headers[header], 401]);
        expect(answer.body).toEqual({
          type: 'about:blank',
          title: expect.any(String),
          status: 401,
          requestId: expect.any(String),
        });
      }
      expect(outgoing.flatMap(({ calls }) => calls)).toEqual([]);
    },
  );

  const without = (headers: Record<string, string>, name: string): Record<string, string> =>
    Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));

  /** Genuine once, but captured and sent again when its time is over. */
  const stale = (secret: string, body: string): Record<string, string> => {
    const genuine = genuineHeaders({ scheme: 'standard-webhooks', secret }, body, 'delivery');
    return { ...genuine, 'webhook-timestamp': String(Number(genuine['webhook-timestamp']) - 301) };
  };

  test('a forged event with a real id does not suppress the real one', async () => {
    const [eventId, data] = [`evt-${randomUUID()}`, outcome()];
    const forged = analytics(eventId, { ...data, sentiment: { overall: 'positive', score: 1 } });
    const headers = genuineHeaders({ scheme: 'genesys-webhook', secret: 'guessed' }, forged, 'delivery');
    expect((await request(stage.source('main').url, { headers, body: forged })).status).toBe(401);
    expect((await stage.deliver('main', analytics(eventId, data))).status).toBe(200);
    await expectRecorded(outcomeEventId(eventId, data), data.conversationId);
    expect(stage.recordedFacts(data.conversationId)[0]?.data.sentiment_score).toBeNull();
  });
});

describe('duplicates', () => {
  test('the same bytes five times, past the deduplication of the queue too, have one effect', async () => {
    const [eventId, data] = [`evt-${randomUUID()}`, outcome()];
    const body = analytics(eventId, data);
    for (let sending = 1; sending <= 5; sending += 1) {
      expect((await stage.deliver('main', body)).body).toEqual(ACCEPTED(1));
      for (const entry of await stage.entriesOf('main', body)) await stage.enqueue(entry);
    }
    await settled();
    await expectRecorded(outcomeEventId(eventId, data), data.conversationId);
  });

  test('a retry whose delivery metadata changed is a plain duplicate', async () => {
    const conversationId = '47eaa099-2cb6-416d-86dc-283cf0480ff9';
    for (const name of ['single', 'retried-with-changed-metadata']) {
      const body = fixture(`analytics-webhook/${name}.json`);
      expect((await stage.deliver('main', body)).status).toBe(200);
      for (const entry of await stage.entriesOf('main', body)) await stage.enqueue(entry);
    }
    await settled();
    const eventId = `evt-9a1e40b4-5815-4a99-99e2-d15364c7a500#${conversationId}/68b4aef7-3eaa-4e17-9d8a-4eace693ae2d`;
    await expectRecorded(eventId, conversationId);
    expect((await stage.deadLetters()).filter(({ body }) => body.includes(conversationId))).toEqual([]);
  });

  test('the same id with other business data is a dead letter and changes nothing', async () => {
    const [eventId, data] = [`evt-${randomUUID()}`, outcome()];
    expect((await stage.deliver('main', analytics(eventId, data))).status).toBe(200);
    await expectRecorded(outcomeEventId(eventId, data), data.conversationId);
    expect(
      (await stage.deliver('main', analytics(eventId, { ...data, agentId: 'someone-else' }))).status,
    ).toBe(200);
    const letter = await deadLetterOf(data.conversationId);
    expect(letter).toMatchObject({
      group: `main/${data.conversationId}`,
      attributes: {
        reason: 'conflict',
        function: 'processor',
        seal: expect.stringMatching(/^v1:/),
        failedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        attempts: expect.stringMatching(/^\d+$/),
      },
    });
    expect(letter.attributes['detail']).not.toContain('someone-else');
    await settled();
    await expectRecorded(outcomeEventId(eventId, data), data.conversationId);
  });
});

async function deadLetterOf(text: string) {
  const [letter] = await eventually(async () => {
    const found = (await stage.deadLetters()).filter(({ body }) => body.includes(text));
    expect(found).toHaveLength(1);
    return found;
  });
  if (!letter) throw new Error('unreachable');
  return letter;
}

describe('bad deliveries', () => {
  const setAside = async (deliveryId: unknown) => {
    const rows = (await stage.setAsideRows()).filter(
      ({ pk, id }) => pk === 'quarantine' && id === deliveryId,
    );
    const objects = (await stage.setAsideObjects()).filter(({ key }) => key.includes(String(deliveryId)));
    return { rows, objects };
  };

  test('one bad item among a hundred good ones is set aside alone', async () => {
    const eventId = `evt-${randomUUID()}`;
    const good = Array.from({ length: 100 }, () => outcome());
    const bad = outcome(randomUUID(), { timestamp: 'yesterday' });
    const answer = await stage.deliver('main', analytics(eventId, good.toSpliced(42, 0, bad)));
    expect([answer.status, answer.body]).toEqual([200, ACCEPTED(100, 1)]);
    await eventually(async () => {
      const ids = new Set<unknown>(good.map(({ conversationId }) => conversationId));
      const items = (await stage.conversations()).filter(({ conversationId }) => ids.has(conversationId));
      expect(items.filter(({ revision }) => revision === 1)).toHaveLength(100);
    });
    expect(await stage.conversation(bad.conversationId)).toBeUndefined();
    const { rows, objects } = await setAside((answer.body as { deliveryId: string }).deliveryId);
    expect(rows).toMatchObject([{ reason: 'bad-item', state: 'OPEN', source: 'main', key: objects[0]?.key }]);
    const kept = JSON.parse(objects[0]?.body.toString() ?? '') as { errors: unknown; body: string };
    expect(kept.errors).toMatchObject([{ pointer: '/data/42/timestamp' }]);
    expect(JSON.parse(Buffer.from(kept.body, 'base64').toString())).toMatchObject({ data: { 42: bad } });
  });

  test('a signed body that cannot be read is refused with a problem, and kept exactly and once', async () => {
    const body = `{"webhookEventId":"evt-${randomUUID()}", nonsense`;
    for (let sending = 1; sending <= 2; sending += 1) {
      const answer = await stage.deliver('main', body);
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      const requestId = answer.headers.get('x-request-id');
      expect(answer.body).toEqual({
        type: 'about:blank',
        title: expect.any(String),
        status: 400,
        requestId,
        errors: [{ pointer: '', message: expect.stringContaining('not JSON') }],
      });
      expect(requestId).not.toBe('');
    }
    const kept = (await stage.setAsideObjects()).filter((object) => wholeBody(object.body) === body);
    expect(kept).toHaveLength(1);
    const rows = (await stage.setAsideRows()).filter(({ key }) => key === kept[0]?.key);
    expect(rows).toMatchObject([{ pk: 'quarantine', reason: 'unreadable', state: 'OPEN' }]);
  });

  const wholeBody = (object: Buffer): string =>
    Buffer.from((JSON.parse(object.toString()) as { body?: string }).body ?? '', 'base64').toString();

  test('every answer bears a request id of its own', async () => {
    const answers = [
      await stage.deliver('main', analytics(`evt-${randomUUID()}`, outcome())),
      await request(stage.source('main').url, { method: 'GET' }),
      await request(`${stage.local.http}/webhooks/nobody`, {
        headers: { 'content-type': 'application/json' },
        body: '{}',
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 405, 404]);
    const ids = answers.map(({ headers }) => headers.get('x-request-id') ?? '');
    expect(new Set(ids.filter((id) => id !== '')).size).toBe(3);
  });
});

describe('messages that this stage did not seal', () => {
  test.each([
    ['no seal', () => ({})],
    ['the seal of another message', (seal: string) => ({ seal: seal.replace(/.{4}$/, 'AAA=') })],
    ['a seal of another form', () => ({ seal: 'v1' })],
  ])(
    'a message with %s is a dead letter at once, and the next event of its conversation goes through',
    async (_name, attributes) => {
      const [eventId, data] = [`evt-${randomUUID()}`, outcome()];
      const [forged] = await stage.entriesOf('main', analytics(`forged-${randomUUID()}`, data));
      if (!forged) throw new Error('unreachable');
      await stage.enqueue({ ...forged, attributes: attributes(forged.attributes['seal'] ?? '') });
      expect((await stage.deliver('main', analytics(eventId, data))).status).toBe(200);
      expect(await deadLetterOf(data.conversationId)).toMatchObject({
        body: forged.body,
        attributes: { reason: 'bad-seal' },
      });
      await expectRecorded(outcomeEventId(eventId, data), data.conversationId);
    },
  );
});

describe('order', () => {
  const STEPS = 30;

  /** Every fact of the conversation was made while nothing newer was known: its events were taken in their order. */
  async function expectInOrder(conversationId: string, steps: number): Promise<void> {
    await eventually(async () => {
      expect(await stage.conversation(conversationId)).toMatchObject({
        state: `state-${steps - 1}`,
        revision: steps,
      });
      expect(stage.changedFacts(conversationId)).toHaveLength(steps);
    });
    expect(stage.changedFacts(conversationId).filter(({ data }) => data.late)).toEqual([]);
  }

  test('thirty events of one conversation are taken in the order in which they were sent', async () => {
    const conversationId = randomUUID();
    for (let step = 0; step < STEPS; step += 1) {
      expect(
        (await stage.deliver('main', conversationStep(conversationId, step, `state-${step}`))).status,
      ).toBe(200);
    }
    await expectInOrder(conversationId, STEPS);
  });

  test('twenty interleaved conversations are each taken in order', async () => {
    const conversations = Array.from({ length: 20 }, () => randomUUID());
    for (let step = 0; step < 6; step += 1) {
      await Promise.all(
        conversations.map((id) => stage.deliver('main', conversationStep(id, step, `state-${step}`))),
      );
    }
    for (const id of conversations) await expectInOrder(id, 6);
  });
});

describe('in the end', () => {
  test('no fact was published twice and every ledger row is completed', async () => {
    await settled();
    expect(repeated(factIds())).toEqual([]);
  });

  test('no log holds a secret, a signature or a word of a conversation', async () => {
    expect(await stage.leaks()).toEqual([]);
  });
});
