import { expect, test } from '@jest/globals';
import type { ReplayTask } from '@aftercall/schemas';
import { type SetAsideEntry, SetAsideNotFoundError } from '@aftercall/set-aside';
import { type ReplayDeps, replayEntries } from './replay-entries.ts';

const MANY = 100_000;
const TASK: ReplayTask = { task: 'replay', run: 'run-1', by: 'kim', selection: { kinds: ['dead'] } };

const entry = (index: number): SetAsideEntry => ({
  kind: 'dead',
  sk: `2026-11-20T14:00:00.000Z#${index}`,
  id: String(index),
  source: 'main',
  reason: 'retries-exhausted',
  state: 'OPEN',
  key: `dead/main/${index}.json`,
  receivedTime: '2026-11-20T14:00:00.000Z',
  expiresAt: 9_999_999_999,
});

/** A hundred thousand entries that have lost their bodies, and what is read of them. */
function manyEntries(remainingMillis: () => number) {
  const seen = { read: 0, givenBack: 0 };
  const setAside: Partial<ReplayDeps['setAside']> = {
    inOrder: async function* () {
      for (; seen.read < MANY; seen.read += 1) yield entry(seen.read);
    },
    take: async (taken, { run }) => ({ outcome: 'taken', entry: { ...taken, state: 'REPLAYING', run } }),
    get: () => Promise.reject(new SetAsideNotFoundError('gone')),
    giveBack: async () => (seen.givenBack += 1) > 0,
  };
  return { seen, deps: { setAside, remainingMillis, now: () => new Date() } as unknown as ReplayDeps };
}

test('a hundred thousand at once: each is tried, and the answer is one that a function may give', async () => {
  const { seen, deps } = manyEntries(() => 60_000);
  const report = await replayEntries(TASK, deps);
  expect(report).toMatchObject({ replayed: 0, refused: MANY, left: false });
  expect(seen).toEqual({ read: MANY, givenBack: MANY });
  expect(report.refusals).toHaveLength(100);
  expect(JSON.stringify(report).length).toBeLessThan(64_000);
});

test('none is read for which there is no time: the next call does it', async () => {
  let left = 10_005;
  const { seen, deps } = manyEntries(() => (left -= 1));
  await expect(replayEntries(TASK, deps)).resolves.toMatchObject({ left: true });
  expect(seen.read).toBeLessThan(10);
});
