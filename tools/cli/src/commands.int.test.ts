import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startStack } from '@aftercall/local';
import type { Stack } from '@aftercall/local';
import { signDelivery, schemeOf } from '@aftercall/signing';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { peekQueue } from './peek-queue.ts';
import { commandLineIn } from './test-command-line.ts';

const directory = mkdtempSync(join(tmpdir(), 'aftercall-cli-'));
const aftercall = commandLineIn(directory);
const MAX_COLUMNS = 100;
let stack: Stack;
let sqs: SQSClient;

beforeAll(async () => {
  stack = await startStack({ directory });
  const { region, endpoints, accessKeyId, secretAccessKey } = stack.local.aws;
  sqs = new SQSClient({ region, endpoint: endpoints.sqs, credentials: { accessKeyId, secretAccessKey } });
}, 120_000);
afterAll(async () => {
  sqs.destroy();
  await stack.stop();
});

function file(content: unknown): string {
  const name = `${randomUUID()}.json`;
  writeFileSync(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
  return name;
}

function outcome(changes: object = {}) {
  return {
    webhookEventId: `evt-${randomUUID()}`,
    topic: 'post-call-analytics',
    timestamp: new Date().toISOString(),
    data: {
      conversationId: randomUUID(),
      communicationId: randomUUID(),
      mediaType: 'voice',
      direction: 'inbound',
      timestamp: '2026-11-20T14:03:27.418Z',
      sentiment: { overall: 'negative', score: -0.62 },
      ...changes,
    },
  };
}

async function eventually(args: string[], isThere: (out: string) => boolean) {
  for (let tries = 0; ; tries += 1) {
    const result = await aftercall(...args);
    if (isThere(result.out) || tries > 60) return result;
    await sleep(250);
  }
}

test('a file is signed, sent and traced by declared id, delivery id, conversation and whole event id', async () => {
  const event = outcome();
  const sent = await aftercall('send', file(event), '--json');
  expect(sent).toMatchObject({ exitCode: 0, err: '' });
  const { deliveryId } = (sent.document() as { sent: { deliveryId: string }[] }).sent[0] ?? {
    deliveryId: '',
  };
  const { conversationId, communicationId } = event.data;
  const eventId = `${event.webhookEventId}#${conversationId}/${communicationId}`;
  await eventually(['trace', event.webhookEventId], (out) => out.includes('COMPLETED'));
  for (const reference of [
    event.webhookEventId,
    deliveryId,
    deliveryId.slice(0, 12),
    conversationId,
    eventId,
  ]) {
    const traced = await aftercall('trace', reference, '--json');
    expect(traced.exitCode).toBe(0);
    expect(traced.document()).toMatchObject({
      found: true,
      ledger: [{ consumer: 'processor', org: 'main', eventId, status: 'COMPLETED', attempts: 1 }],
      conversations: [{ conversationId, sentimentScore: -0.62 }],
      deadLetters: [],
    });
  }
  const exact = await aftercall('trace', eventId, '--org', 'main');
  expect(exact.out).toMatch(/processor has done it[^]*result[^]*processed/);
  expect(exact.out).not.toContain('whole ledger was read');
  for (const reference of [eventId, event.webhookEventId, deliveryId, conversationId])
    expect((await aftercall('trace', reference, '--org', 'acme')).exitCode).toBe(1);
}, 60_000);

test('a stack that has just started is healthy: logins, permissions, topics, secrets and queues', async () => {
  const examined = await aftercall('doctor', '--json');
  const { checks } = examined.document() as { checks: readonly { verdict: string; area: string }[] };
  // The rotator's permission: to ask for it would make a new secret.
  expect(checks.filter(({ verdict }) => verdict === 'fail' || verdict === 'not-probed')).toMatchObject([
    { verdict: 'not-probed', subject: 'main/secret-rotator' },
  ]);
  expect(examined.exitCode).toBe(0);
  expect(new Set(checks.map(({ area }) => area))).toEqual(
    new Set(['secret', 'login', 'permission', 'clock', 'topic', 'queue', 'dead letters', 'set aside']),
  );
});

test('an event that nobody has seen is "not seen yet", exit code 1', async () => {
  const traced = await aftercall('trace', 'evt-of-nobody');
  expect(traced.exitCode).toBe(1);
  expect(traced.out).toContain('not seen yet');
});

test('repeated sends are one delivery, and a table fits into 100 columns', async () => {
  const sent = await aftercall(
    'send',
    file(outcome()),
    file(outcome()),
    '--repeat',
    '2',
    '--source',
    'relay',
  );
  expect(sent.exitCode).toBe(0);
  expect(sent.out).toContain('4 of 4 accepted');
  expect(new Set(sent.out.match(/[0-9a-f]{12}…/g)).size).toBe(2);
  const listed = await aftercall('sources', 'list');
  for (const line of `${sent.out}\n${listed.out}`.split('\n'))
    expect(line.length).toBeLessThanOrEqual(MAX_COLUMNS);
});

test('what is refused is told with its pointers, set aside, shown and traced; in part is exit code 3', async () => {
  const bad = outcome({ conversationId: 7 });
  expect(await aftercall('send', file(bad))).toMatchObject({
    exitCode: 1,
    out: expect.stringContaining('/data'),
  });
  const unreadable = `{"secret words of ${randomUUID()}`;
  const sent = await aftercall('send', file(unreadable), file(outcome()));
  expect(sent).toMatchObject({ exitCode: 3, out: expect.stringContaining('not JSON') });

  const listed = (
    await aftercall('set-aside', 'list', '--json', '--kind', 'quarantine', '--reason', 'unreadable')
  ).document();
  const [item] = listed['items'] as { id: string; reason: string }[];
  expect(item).toMatchObject({
    kind: 'quarantine',
    reason: 'unreadable',
    source: 'main',
    where: 'set-aside',
  });
  const shown = await aftercall('set-aside', 'show', item?.id.slice(0, 10) ?? '');
  expect(shown.out).toContain(JSON.stringify(unreadable).slice(1, -1));
  expect((await aftercall('trace', item?.id ?? '')).out).toMatch(
    /quarantined at .*: unreadable,\s+\/ body is not JSON/,
  );
  expect((await aftercall('trace', bad.webhookEventId)).out).toMatch(/quarantined at .*: bad-item/);
  expect(
    (await aftercall('set-aside', 'list', '--since', '2026-01-01T00:00:00Z', '--reason', 'other')).out,
  ).toBe('nothing is set aside\n');
});

test('nothing under an id is exit code 1 and named', async () => {
  const shown = await aftercall('set-aside', 'show', 'nothing-here');
  expect(shown).toMatchObject({ exitCode: 1, out: '', err: expect.stringContaining('nothing-here') });
});

test('a dead letter is listed, shown and traced with its reason, and looking changes nothing', async () => {
  const event = outcome();
  await aftercall('send', file(event));
  await eventually(['trace', event.webhookEventId], (out) => out.includes('COMPLETED'));
  await aftercall('send', file({ ...event, data: { ...event.data, direction: 'outbound' } }));
  const traced = await eventually(['trace', event.webhookEventId], (out) => out.includes('conflict'));
  expect(traced.out).toMatch(/processor gave it up at .*: conflict \(/);
  const list = ['set-aside', 'list', '--kind', 'dead', '--conversation', event.data.conversationId, '--json'];
  await eventually(list, (out) => out.includes('"set-aside"') && !out.includes('"where": "queue"'));
  for (let look = 0; look < 3; look += 1) {
    const listed = (
      await aftercall(
        'set-aside',
        'list',
        '--kind',
        'dead',
        '--conversation',
        event.data.conversationId,
        '--json',
      )
    ).document();
    expect(listed['items']).toMatchObject([
      { where: 'set-aside', reason: 'conflict', queue: 'aftercall-local-events.fifo', source: 'main' },
    ]);
  }
  const [letter] = (await aftercall('set-aside', 'list', '--kind', 'dead', '--json')).document()['items'] as {
    id: string;
  }[];
  const shown = await aftercall('set-aside', 'show', letter?.id ?? '', '--json');
  expect(shown.document()).toMatchObject({
    metadata: { reason: 'conflict' },
    content: { org: 'main', data: {} },
  });
}, 60_000);

test.each([
  [
    'lake',
    { reason: 'bad-schema', detail: '/data/agent_id must be string', function: 'lake-writer' },
    'lake-writer',
  ],
  [
    'crm',
    { ERROR_CODE: 'SDK_CLIENT_ERROR', ERROR_MESSAGE: 'it answered 410' },
    'the queue aftercall-local-crm',
  ],
])(
  'a dead letter of %s, behind the bus, is listed and traced by its event',
  async (queue, attributes, who) => {
    const [eventId, conversation] = [`evt-${randomUUID()}#c/-`, randomUUID()];
    const fact = { type: 'aftercall.outcome.recorded', org: 'main', subject: conversation };
    const detail = { ...fact, source: 'aftercall', data: { event_id: eventId, source: 'relay' } };
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: stack.local.resources.deadLetterQueueUrls[queue],
        MessageBody: JSON.stringify({ version: '0', source: 'aftercall', 'detail-type': fact.type, detail }),
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, StringValue]) => [
            name,
            { DataType: 'String', StringValue },
          ]),
        ),
      }),
    );
    const [reason, why] = Object.values(attributes);
    const list = ['set-aside', 'list', '--json', '--conversation', conversation];
    const listed = await eventually(
      list,
      (out) => out.includes('"set-aside"') && !out.includes('"where": "queue"'),
    );
    expect(listed.document()['items']).toMatchObject([
      {
        where: 'set-aside',
        queue: `aftercall-local-${queue}`,
        ...{ reason, detail: why, source: 'relay', eventId },
      },
    ]);
    const traced = await aftercall('trace', eventId);
    expect(traced.exitCode).toBe(0);
    expect(traced.out.replace(/\s+/g, ' ')).toMatch(
      new RegExp(`${who} gave it up at .*: ${reason} \\(${why}\\)`),
    );
  },
);

test('looking into a queue by receiving leaves every message where it was', async () => {
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: `peek-${randomUUID()}.fifo`, Attributes: { FifoQueue: 'true' } }),
  );
  if (QueueUrl === undefined) throw new Error('unreachable');
  const ids = ['a', 'b', 'c'].map((name) => `${name}-${randomUUID()}`);
  for (const id of ids) {
    const MessageBody = JSON.stringify({ id });
    await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody,
        MessageGroupId: id.startsWith('c') ? 'one' : 'two',
        MessageDeduplicationId: id,
      }),
    );
  }
  const first = await peekQueue(sqs, QueueUrl);
  const second = await peekQueue(sqs, QueueUrl);
  // Groups come in any order.
  const byId = (view: typeof first) =>
    view.messages.toSorted((left, right) => left.messageId.localeCompare(right.messageId));
  expect(byId(second)).toEqual(byId(first));
  const seen = first.messages.map(({ body }) => (JSON.parse(body) as { id: string }).id);
  // `b` stands behind `a` in its group: it may be unseen, but it is counted.
  expect(seen).toEqual(expect.arrayContaining([ids[0], ids[2]]));
  expect(first.unseen).toBe(seen.includes(ids[1] ?? '') ? 0 : 1);
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
  );
  expect(Messages.map(({ Body = '' }) => (JSON.parse(Body) as { id: string }).id)).toEqual(
    expect.arrayContaining([ids[0], ids[2]]),
  );
});

test('verify accepts what send would sign, and explains a body that was written again', async () => {
  const body = '{ "a": 1 }';
  const { secret } = stack.local.sources.find(({ key }) => key === 'main') ?? { secret: '' };
  const headers = (of: string) =>
    file(signDelivery(Buffer.from(of), schemeOf('genesys-webhook'), secret, { id: '', now: new Date() }));
  expect(
    (await aftercall('verify', '--source', 'main', '--headers', headers(body), '--body', file(body)))
      .exitCode,
  ).toBe(0);
  const failed = await aftercall(
    'verify',
    '--source',
    'main',
    '--headers',
    headers('{"a":1}'),
    '--body',
    file(body),
  );
  expect(failed.exitCode).toBe(1);
  expect(failed.out).toContain('compact JSON');
  expect(failed.out).not.toContain(secret);
});

test('an added source has an address, a secret shown once, and its deliveries are taken', async () => {
  const dry = await aftercall('sources', 'add', 'crm', '--scheme', 'standard-webhooks', '--dry-run');
  expect(dry.out).toContain('would add');
  const added = await aftercall('sources', 'add', 'crm', '--scheme', 'standard-webhooks');
  expect(added).toMatchObject({
    exitCode: 0,
    out: expect.stringMatching(/url {5}http.*\/webhooks\/crm\n {2}secret {2}whsec_/),
  });
  expect((await aftercall('sources', 'list')).out).toContain('/webhooks/crm');
  expect((await aftercall('sources', 'list')).out).not.toContain('whsec_');
  expect((await aftercall('sources', 'list', '--show-secret')).out).toContain('whsec_');
  expect((await aftercall('send', file(outcome()), '--source', 'crm')).exitCode).toBe(0);
});

describe('local stop and start', () => {
  test('switch one service, say so, and take what is so already for done', async () => {
    const { dynamodb } = stack.local.aws.endpoints;
    const reachable = () =>
      fetch(dynamodb).then(
        () => true,
        () => false,
      );
    expect((await aftercall('local', 'stop', 'dynamodb', '--dry-run')).out).toBe(
      'dynamodb would be stopped\n',
    );
    expect(await reachable()).toBe(true);
    expect(await aftercall('local', 'stop', 'dynamodb')).toMatchObject({
      exitCode: 0,
      out: 'dynamodb is stopped\n',
    });
    expect(await reachable()).toBe(false);
    expect((await aftercall('local', 'stop', 'dynamodb')).out).toBe('dynamodb is stopped already\n');
    expect((await aftercall('local', 'start', 'dynamodb', '--json')).document()).toEqual({
      service: 'dynamodb',
      status: 'running',
    });
    expect(await reachable()).toBe(true);
  });

  test('know no other service, and no stage on AWS', async () => {
    const unknown = await aftercall('local', 'stop', 'kinesis');
    expect(unknown.exitCode).toBe(2);
    expect(unknown.err).toMatch(/no service kinesis[^]*dynamodb, events, s3/);
    expect((await aftercall('local', 'stop', 'sqs', '--stage', 'dev')).exitCode).toBe(2);
  });
});

test('stop ends the stack and waits until it is gone', async () => {
  expect((await aftercall('stop', '--dry-run')).out).toContain('would stop');
  expect(await aftercall('stop')).toMatchObject({
    exitCode: 0,
    out: expect.stringMatching(/^stopped the stack of pid \d+\n$/),
  });
  await stack.stopped;
  await expect(fetch(stack.local.control)).rejects.toThrow();
  expect(await aftercall('stop')).toMatchObject({ exitCode: 0, out: 'no stack is running here\n' });
  expect(await aftercall('trace', 'x')).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('npm start'),
  });
});
