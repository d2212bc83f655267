import { describe, expect, test } from '@jest/globals';

import { createSetAside, SET_ASIDE_RETENTION_SECONDS } from './set-aside.ts';
import type { SetAside, SetAsideItem } from './set-aside.ts';
import type { IndexStore } from './index-store.ts';
import type { ObjectStore } from './object-store.ts';
import { memoryIndexStore } from './memory-index-store.ts';
import { memoryObjectStore } from './memory-object-store.ts';

const start = new Date('2026-11-20T14:03:27.418Z');
const bytes = (text: string) => new TextEncoder().encode(text);
const item: SetAsideItem = {
  kind: 'quarantine',
  id: 'a'.repeat(64),
  source: 'main',
  reason: 'not-json',
  body: bytes('{"body":"…"}'),
  seal: 'v1:k1:AAAA',
  conversationId: 'c-1',
};

function open() {
  const clock = { time: start };
  const objects = memoryObjectStore();
  const index = memoryIndexStore();
  const over = (parts: { objects?: ObjectStore; index?: IndexStore }): SetAside =>
    createSetAside({
      objects,
      index,
      now: () => clock.time,
      retentionSeconds: SET_ASIDE_RETENTION_SECONDS,
      ...parts,
    });
  const later = (seconds: number) => {
    clock.time = new Date(clock.time.getTime() + seconds * 1_000);
  };
  return { objects, index, over, later, setAside: over({}) };
}

describe('put', () => {
  test('keeps the body with its seal and an open index row', async () => {
    const { setAside, objects, index } = open();
    const key = `quarantine/main/${item.id}.json`;
    expect(await setAside.put(item)).toEqual({ key, stored: 'new' });

    expect(objects.objects.get(key)).toEqual({
      key,
      body: item.body,
      metadata: { seal: item.seal, 'received-time': '2026-11-20T14:03:27.418Z' },
    });
    expect([...index.entries.values()]).toEqual([
      {
        kind: 'quarantine',
        sk: `2026-11-20T14:03:27.418Z#${item.id}`,
        id: item.id,
        source: 'main',
        reason: 'not-json',
        state: 'OPEN',
        key,
        receivedTime: '2026-11-20T14:03:27.418Z',
        expiresAt: Math.floor(start.getTime() / 1_000) + 45 * 86_400,
        conversationId: 'c-1',
      },
    ]);
  });

  test('a repeated put writes one object and one row, under the first received time', async () => {
    const { setAside, objects, index, later } = open();
    await setAside.put(item);
    later(3_600);
    expect(await setAside.put(item)).toMatchObject({ stored: 'already-there' });
    expect(objects.objects.size).toBe(1);
    expect([...index.entries.values()].map(({ receivedTime }) => receivedTime)).toEqual([
      '2026-11-20T14:03:27.418Z',
    ]);
  });

  test('two puts at once end in one object and one row', async () => {
    const { over, objects, index } = open();
    const times = ['2026-11-20T14:00:00.001Z', '2026-11-20T14:00:00.002Z', '2026-11-20T14:00:00.003Z'];
    const puts = times.map((time) =>
      createSetAside({
        objects,
        index,
        now: () => new Date(time),
        retentionSeconds: SET_ASIDE_RETENTION_SECONDS,
      }),
    );
    const receipts = await Promise.all(puts.map((setAside) => setAside.put(item)));
    expect(receipts.map(({ stored }) => stored).sort()).toEqual(['already-there', 'already-there', 'new']);
    expect(objects.objects.size).toBe(1);
    expect(index.entries.size).toBe(1);
    await over({}).put(item);
    expect(index.entries.size).toBe(1);
  });

  test('a crash after any step is healed by the next put', async () => {
    for (const step of ['head', 'put', 'putIfAbsent', 'reserve', 'settle'] as const) {
      for (const moment of ['before', 'after'] as const) {
        const { over, objects, index, later } = open();
        const broken = over({
          objects: crashing(objects, step, moment),
          index: crashing(index, step, moment),
        });
        await expect(broken.put({ ...item, capBytes: 100 })).rejects.toThrow('crash');
        later(60);
        await over({}).put({ ...item, capBytes: 100 });

        expect([...index.reservedBytes.values()]).toEqual([item.body.byteLength]);
        expect(objects.objects.size).toBe(1);
        const [row, ...more] = [...index.entries.values()];
        expect(more).toEqual([]);
        expect(objects.objects.get(row?.key ?? '')?.metadata['received-time']).toBe(row?.receivedTime);
      }
    }
  });

  test('a body past its retention is written anew, so that its deletion cannot lose the new one', async () => {
    const { setAside, objects, later } = open();
    await setAside.put(item);
    later(SET_ASIDE_RETENTION_SECONDS);
    expect(await setAside.put(item)).toMatchObject({ stored: 'new' });
    const [object] = [...objects.objects.values()];
    expect(object?.metadata['received-time']).toBe('2027-01-04T14:03:27.418Z');
    expect(await setAside.list({ kind: 'quarantine' })).toHaveLength(1);
  });

  test('an object that changes at every attempt is an error, not a loss', async () => {
    const { over, objects, index } = open();
    const contended: ObjectStore = { ...objects, put: async () => 'changed' };
    await expect(over({ objects: contended }).put(item)).rejects.toMatchObject({
      code: 'set-aside-contended',
    });
    expect(index.entries.size).toBe(0);
  });

  test('the signal reaches every call', async () => {
    const { setAside } = open();
    await expect(setAside.put(item, AbortSignal.abort(new Error('deadline')))).rejects.toThrow('deadline');
  });

  test.each([
    ['characters that keys may not have', 'a/b c#ü', 'a%2Fb%20c%23%C3%BC'],
    ['10,000 characters', 'x'.repeat(10_000), expect.stringMatching(/^sha256-[0-9a-f]{64}$/)],
    ['a lone surrogate', 'a\ud800', expect.stringMatching(/^sha256-[0-9a-f]{64}$/)],
    ['nothing at all', '', expect.stringMatching(/^sha256-[0-9a-f]{64}$/)],
  ])('an id of %s is kept and found again', async (_case, id, name) => {
    const { setAside } = open();
    const { key } = await setAside.put({ ...item, id });
    expect(key.slice('quarantine/main/'.length, -'.json'.length)).toEqual(name);
    expect(await setAside.get('quarantine', id)).toMatchObject({ key });
  });

  test('two ids that differ only in lone surrogates are two items', async () => {
    const { setAside } = open();
    const first = await setAside.put({ ...item, id: 'a\ud800' });
    const second = await setAside.put({ ...item, id: 'a\ud801' });
    expect(first.key).not.toBe(second.key);
  });

  test('hostile text beside the id is cut and made well-formed', async () => {
    const { setAside, index } = open();
    await setAside.put({ ...item, eventId: 'y'.repeat(10_000), conversationId: 'c\udc00', group: '\ud800' });
    const [row] = [...index.entries.values()];
    expect(row?.eventId).toHaveLength(1_024);
    expect(row).toMatchObject({ conversationId: 'c\ufffd', group: '\ufffd' });
    expect(await setAside.list({ kind: 'quarantine', conversationId: 'c\udc00' })).toHaveLength(1);
  });
});

describe('the cap per source and day', () => {
  const capped = (id: string, source = 'main'): SetAsideItem => ({
    ...item,
    id,
    source,
    body: bytes('x'.repeat(60)),
    capBytes: 100,
  });

  test('beyond it nothing is kept', async () => {
    const { setAside, objects, index } = open();
    await setAside.put(capped('one'));
    await expect(setAside.put(capped('two'))).rejects.toMatchObject({
      name: 'SetAsideFullError',
      source: 'main',
    });
    expect(objects.objects.size).toBe(1);
    expect(index.entries.size).toBe(1);
  });

  test('a body that is there already is not charged again', async () => {
    const { setAside, index } = open();
    for (let replay = 0; replay < 5; replay += 1) await setAside.put(capped('one'));
    expect([...index.reservedBytes.entries()]).toEqual([['usage#main#2026-11-20', 60]]);
  });

  test('another source and the next day have budgets of their own', async () => {
    const { setAside, later } = open();
    await setAside.put(capped('one'));
    expect(await setAside.put(capped('two', 'relay'))).toMatchObject({ stored: 'new' });
    later(86_400);
    expect(await setAside.put(capped('three'))).toMatchObject({ stored: 'new' });
  });

  test('a body that S3 would not take for an hour is charged once, and others still find room', async () => {
    for (const moment of ['before', 'after'] as const) {
      const { over, objects, index, later } = open();
      const broken = over({ objects: crashing(objects, 'put', moment) });
      await expect(broken.put(capped('one'))).rejects.toThrow('crash');
      for (let retry = 0; retry < 20; retry += 1) {
        later(180);
        await broken.put(capped('one')).catch(() => undefined);
      }
      expect([...index.reservedBytes.values()]).toEqual([60]);
      expect(await over({}).put({ ...capped('two'), body: bytes('x'.repeat(40)) })).toMatchObject({
        stored: 'new',
      });
      await over({}).put(capped('one'));
      expect(objects.objects.size).toBe(2);
      expect([...index.reservedBytes.values()]).toEqual([100]);
    }
  });

  test('a cap that failed puts have reserved in full is not exceeded', async () => {
    const { over, objects } = open();
    const broken = over({ objects: crashing(objects, 'put', 'before') });
    await expect(broken.put(capped('one'))).rejects.toThrow('crash');
    await expect(over({}).put(capped('two'))).rejects.toMatchObject({ code: 'set-aside-full' });
    await over({}).put(capped('one'));
    expect(objects.objects.size).toBe(1);
  });

  test('puts of one body at once are charged once', async () => {
    const { setAside, index } = open();
    await Promise.all([1, 2, 3].map(() => setAside.put(capped('one'))));
    expect([...index.reservedBytes.values()]).toEqual([60]);
  });
});

describe('list and get', () => {
  test('a list is newest first and narrows by reason, conversation and time', async () => {
    const { setAside, later } = open();
    for (const [id, reason] of [
      ['one', 'not-json'],
      ['two', 'bad-item'],
      ['three', 'not-json'],
    ] as const) {
      await setAside.put({ ...item, id, reason, conversationId: id });
      later(60);
    }
    const ids = async (filter: object) =>
      (await setAside.list({ kind: 'quarantine', ...filter })).map(({ id }) => id);
    expect(await ids({})).toEqual(['three', 'two', 'one']);
    expect(await ids({ reason: 'not-json', limit: 1 })).toEqual(['three']);
    expect(await ids({ conversationId: 'two' })).toEqual(['two']);
    expect(await ids({ since: new Date(start.getTime() + 60_000) })).toEqual(['three', 'two']);
    expect(await setAside.list({ kind: 'dead' })).toEqual([]);
  });

  test('an item is got by its sk and by its id, with body and seal', async () => {
    const { setAside } = open();
    await setAside.put(item);
    for (const name of [item.id, `${start.toISOString()}#${item.id}`]) {
      expect(await setAside.get('quarantine', name)).toMatchObject({
        reason: 'not-json',
        body: item.body,
        seal: item.seal,
      });
    }
  });

  test('what is not there is said so, and a lost body too', async () => {
    const { setAside, over, objects } = open();
    await expect(setAside.get('dead', 'nothing')).rejects.toMatchObject({ code: 'set-aside-not-found' });
    await setAside.put(item);
    const emptied = over({ objects: { ...objects, get: async () => undefined } });
    await expect(emptied.get('quarantine', item.id)).rejects.toThrow('is gone');
  });
});

/** The same store, of which one call, if it has that one, crashes before or after its effect. */
function crashing<Store extends object>(store: Store, step: string, moment: 'before' | 'after'): Store {
  if (!(step in store)) return store;
  const crashingCall = async (...args: unknown[]) => {
    const call: unknown = Reflect.get(store, step);
    if (moment === 'after' && typeof call === 'function') await Reflect.apply(call, store, args);
    throw new Error('crash');
  };
  return { ...store, [step]: crashingCall };
}
