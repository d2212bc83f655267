import { describe, expect, test } from '@jest/globals';
import type { SetAsideEntry } from './index-store.ts';
import { memoryIndexStore } from './memory-index-store.ts';
import { memoryObjectStore } from './memory-object-store.ts';
import { createSetAside, type SetAsideItem } from './set-aside.ts';

const start = new Date('2026-11-20T14:00:00.000Z');
const item: SetAsideItem = {
  kind: 'dead',
  id: 'letter-1',
  source: 'main',
  reason: 'retries-exhausted',
  body: new TextEncoder().encode('{}'),
  seal: 'v1:k1:AAAA',
};
const request = { run: 'run-1', leaseSeconds: 60, again: false };

async function open() {
  const clock = { time: start };
  const index = memoryIndexStore();
  const now = () => clock.time;
  const setAside = createSetAside({ objects: memoryObjectStore(), index, now, retentionSeconds: 86_400 });
  await setAside.put(item);
  const entry = async (): Promise<SetAsideEntry> => setAside.get('dead', item.id);
  const later = (seconds: number) => {
    clock.time = new Date(clock.time.getTime() + seconds * 1_000);
  };
  const taken = async (changes: Partial<typeof request> = {}) => {
    const result = await setAside.take(await entry(), { ...request, ...changes });
    if (result.outcome !== 'taken') throw new Error(`expected to take it, it is ${result.outcome}`);
    return result.entry;
  };
  return { setAside, entry, taken, later };
}

describe('take', () => {
  test('makes an open entry the run’s own', async () => {
    const { taken, entry } = await open();
    expect(await taken()).toMatchObject({ state: 'REPLAYING', run: 'run-1' });
    expect(await entry()).toMatchObject({ state: 'REPLAYING', run: 'run-1' });
  });

  test('is refused while another run has the entry', async () => {
    const { setAside, taken, entry, later } = await open();
    await taken();
    later(59);
    expect(await setAside.take(await entry(), { ...request, run: 'run-2' })).toEqual({ outcome: 'busy' });
  });

  test('is refused to whoever read the entry before another run took it', async () => {
    const { setAside, taken, entry } = await open();
    const read = await entry();
    await taken();
    expect(await setAside.take(read, { ...request, run: 'run-2' })).toEqual({ outcome: 'busy' });
  });

  test('goes on with what a crash left behind, under the run it was sent with', async () => {
    const { taken, later } = await open();
    await taken();
    later(60);
    expect(await taken({ run: 'run-2' })).toMatchObject({ state: 'REPLAYING', run: 'run-1' });
  });

  test('lets the same run go on at once', async () => {
    const { taken } = await open();
    await taken();
    expect(await taken()).toMatchObject({ run: 'run-1' });
  });

  test('leaves what is done, until it is asked for again by another run', async () => {
    const { setAside, taken, entry } = await open();
    await setAside.finish(await taken(), { outcome: 'replayed', by: 'kim' });
    const done = await entry();
    expect(await setAside.take(done, { ...request, run: 'run-2' })).toEqual({ outcome: 'done' });
    expect(await setAside.take(done, { ...request, again: true })).toEqual({ outcome: 'done' });
    expect(await taken({ run: 'run-2', again: true })).toMatchObject({ state: 'REPLAYING', run: 'run-2' });
  });
});

describe('finish', () => {
  test('says what became of the entry, by whom, when and why, and keeps its body', async () => {
    const { setAside, taken, entry, later } = await open();
    const mine = await taken();
    later(5);
    expect(await setAside.finish(mine, { outcome: 'discarded', by: 'kim', reason: 'a test call' })).toBe(
      true,
    );
    expect(await entry()).toMatchObject({
      state: 'DONE',
      outcome: 'discarded',
      run: 'run-1',
      decidedBy: 'kim',
      decidedAt: '2026-11-20T14:00:05.000Z',
      decision: 'a test call',
      body: item.body,
    });
  });

  test('is refused to a run that lost the entry', async () => {
    const { setAside, taken, later, entry } = await open();
    const mine = await taken();
    later(60);
    await taken({ run: 'run-2' });
    expect(await setAside.finish(mine, { outcome: 'replayed', by: 'kim' })).toBe(false);
    expect(await entry()).toMatchObject({ state: 'REPLAYING' });
  });
});

test('what could not go is open again, and remembers the run that could not bring it', async () => {
  const { setAside, taken, entry } = await open();
  expect(await setAside.giveBack(await taken())).toBe(true);
  const given = await entry();
  expect(given).toMatchObject({ state: 'OPEN', run: 'run-1' });
  expect(given).not.toHaveProperty('leaseUntil');
});
