import { expect, test } from '@jest/globals';
import { isUnavailable, type QueueEntry } from '@aftercall/queue';
import { readEnvelope, sha256, type StoredDeliveryEnvelope } from '@aftercall/schemas';
import type { SetAsideItem } from '@aftercall/set-aside';
import { checkSeal, type Keyring } from '@aftercall/signing';
import { type SplitDeps, splitStoredDelivery } from './split-stored-delivery.ts';

const keyring: Keyring = { current: 'k1', keys: { k1: { key: Buffer.alloc(32, 1).toString('base64') } } };
const item = { conversationId: 'c1', timestamp: '2026-11-20T14:03:27.418Z' };

function storedDelivery(data: unknown, changes: Partial<StoredDeliveryEnvelope> = {}) {
  const body = Buffer.from(typeof data === 'string' ? data : JSON.stringify({ webhookEventId: 'evt', data }));
  const envelope: StoredDeliveryEnvelope = {
    specversion: '1.0',
    id: 'd1',
    source: 'genesys/main',
    type: 'aftercall.delivery.stored',
    subject: 'd1',
    time: '2026-11-20T14:05:01.310Z',
    org: 'main',
    digest: sha256(body),
    deliveryid: 'd1',
    receivedtime: '2026-11-20T14:05:01.310Z',
    dataref: 's3://deliveries/deliveries/main/d1',
    datasha256: sha256(body),
    datalength: body.length,
    ...changes,
  };
  return { body, envelope };
}

function memorySplit(body: Uint8Array, changes: Partial<SplitDeps> = {}) {
  const sent: QueueEntry[] = [];
  const quarantined: SetAsideItem[] = [];
  const stored: string[] = [];
  const deps: SplitDeps = {
    sources: new Map([['main', { key: 'main', scheme: 'genesys-webhook', secretName: 'sources/main' }]]),
    remainingMillis: () => 10_000,
    retentionSeconds: 70 * 86_400,
    quarantineDailyBytes: 1_000,
    keyring: async () => keyring,
    fetchDelivery: async () => body,
    storeObject: async (key) => void stored.push(key),
    objectRef: (key) => `s3://deliveries/${key}`,
    enqueue: async (entries) => void sent.push(...entries),
    quarantine: async (kept) => void quarantined.push(kept),
    ...changes,
  };
  return { deps, sent, quarantined, stored };
}

const items = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ ...item, conversationId: `c${n}` }));

test('every event goes on the queue, sealed, in its conversation’s group', async () => {
  const { body, envelope } = storedDelivery(items(600));
  const { deps, sent } = memorySplit(body);
  expect(await splitStoredDelivery(envelope, deps)).toEqual({ children: 600, refused: 0 });
  expect(sent).toHaveLength(600);
  expect(sent[7]?.groupId).toBe('main/c7');
  expect(
    sent.every((entry) => checkSeal(entry.body, entry.attributes['seal'], keyring, new Date()) === 'valid'),
  ).toBe(true);
});

test('split again after a crash, the children are the same to SQS', async () => {
  const { body, envelope } = storedDelivery(items(600));
  const crash = async (entries: readonly QueueEntry[]) => {
    first.sent.push(...entries.slice(0, 250));
    throw new Error('crash');
  };
  const first = memorySplit(body);
  await expect(splitStoredDelivery(envelope, { ...first.deps, enqueue: crash })).rejects.toThrow('crash');
  const again = memorySplit(body);
  await splitStoredDelivery(envelope, again.deps);
  const ids = ({ sent }: typeof again) => sent.map(({ deduplicationId }) => deduplicationId);
  expect(ids(again).slice(0, 250)).toEqual(ids(first));
});

test('bad items are quarantined here, once for the delivery, and the good ones go on', async () => {
  const { body, envelope } = storedDelivery([...items(3), { ...item, timestamp: 'never' }, 7]);
  const { deps, sent, quarantined } = memorySplit(body);
  expect(await splitStoredDelivery(envelope, deps)).toEqual({ children: 3, refused: 2 });
  expect(sent).toHaveLength(3);
  expect(quarantined).toMatchObject([
    { kind: 'quarantine', id: 'd1', source: 'main', reason: 'bad-item', capBytes: 1_000 },
  ]);
});

test('good events do not wait for a place to keep the bad ones', async () => {
  const { body, envelope } = storedDelivery([...items(3), 7]);
  const full = Object.assign(new Error('full'), { name: 'SetAsideFullError' });
  const { deps, sent } = memorySplit(body, { quarantine: () => Promise.reject(full) });
  await expect(splitStoredDelivery(envelope, deps)).rejects.toBe(full);
  expect(isUnavailable(full)).toBe(true);
  expect(sent).toHaveLength(3);
});

test('what does not fit into one invocation goes on in the next, from where it ended', async () => {
  const { body, envelope } = storedDelivery([...items(1_700), 7]);
  const { deps, sent, quarantined } = memorySplit(body);
  const turns: number[] = [];
  let turn: StoredDeliveryEnvelope | undefined = envelope;
  while (turn) {
    let checks = 0;
    const remainingMillis = () => ((checks += 1) < 2 ? 10_000 : 1_000);
    const { children = 0 } = await splitStoredDelivery(turn, { ...deps, remainingMillis });
    turns.push(children);
    const read = readEnvelope(sent.at(-1)?.body ?? '');
    turn = read.outcome === 'stored-delivery' ? read.envelope : undefined;
    if (turn) sent.pop();
  }
  expect(turns).toEqual([1_000, 700]);
  expect(new Set(sent.map(({ deduplicationId }) => deduplicationId)).size).toBe(1_700);
  expect(quarantined).toHaveLength(1);
});

test.each([
  ['of another length', { datalength: 1 }],
  ['with another hash', { datasha256: 'f'.repeat(64) }],
])('an object %s is not what was sealed', async (_case, changes) => {
  const { body, envelope } = storedDelivery(items(1), changes);
  const { deps, sent } = memorySplit(body);
  await expect(splitStoredDelivery(envelope, deps)).rejects.toMatchObject({
    name: 'PermanentError',
    reason: 'effect-refused',
  });
  expect(sent).toEqual([]);
});

test('a source that is configured no more is a dead letter that says so', async () => {
  const { body, envelope } = storedDelivery(items(1), { source: 'genesys/gone' });
  await expect(splitStoredDelivery(envelope, memorySplit(body).deps)).rejects.toMatchObject({
    reason: 'unknown-source',
  });
});

test('what nobody can read any more is quarantined whole', async () => {
  const { body, envelope } = storedDelivery('[]');
  const { deps, quarantined } = memorySplit(body);
  expect(await splitStoredDelivery(envelope, deps)).toEqual({ children: 0, refused: 1 });
  expect(quarantined).toMatchObject([{ reason: 'unknown-dialect' }]);
});
