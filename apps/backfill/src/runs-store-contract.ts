import { describe, expect, test } from '@jest/globals';
import { newRun } from './backfill-run.ts';
import type { Completeness, RunsStore } from './runs-store.ts';

let requests = 0;
const newRequest = () =>
  newRun(
    {
      request: `r-${(requests += 1)}`,
      source: 'backfill',
      from: '2026-11-20T00:00:00.000Z',
      to: '2026-11-21T00:00:00.000Z',
      by: 'job',
      early: 'accept',
    },
    new Date('2026-11-22T00:00:00Z'),
  );

const day = (date: string, isProvisional: boolean, percent: number): Completeness => ({
  ...{ source: 'backfill', date, isProvisional, percent },
  counts: { seen: 1, withOutcome: 0, sent: 0, withoutMetrics: 1, failed: 0 },
  missingPages: ['missing#r#1'],
  request: 'r',
  updatedAt: '2026-11-22T00:00:00.000Z',
  expiresAt: 1,
});

/** A store, and what lies in it of a day of the source `backfill`. */
export interface StoreUnderTest {
  readonly store: RunsStore;
  readonly dayOf: (date: string) => Promise<Partial<Completeness> | undefined>;
}

/** What every store of runs must do. */
export function runsStoreContract(title: string, makeStore: () => Promise<StoreUnderTest>): void {
  describe(title, () => {
    test('gives back what was written, one revision on', async () => {
      const { store } = await makeStore();
      const run = { ...newRequest(), owner: 'a' };
      const missing = [{ conversationId: 'c-1', reason: 'without-metrics' as const }];
      const written = { ...run, window: { ...run.window, cursor: 'x', missing, missingPages: ['p'] } };
      expect(await store.read(run.request)).toBeUndefined();
      expect(await store.write(written)).toBe('written');
      expect(await store.read(run.request)).toEqual({ ...written, revision: 1 });
    });

    test('refuses whoever read it before somebody else wrote', async () => {
      const { store } = await makeStore();
      const run = newRequest();
      await store.write({ ...run, owner: 'a' });
      expect(await store.write({ ...run, owner: 'b' })).toBe('moved-on');
      expect(await store.write({ ...run, owner: 'a', revision: 1 })).toBe('written');
      expect(await store.write({ ...run, owner: 'b', revision: 1 })).toBe('moved-on');
      expect(await store.read(run.request)).toMatchObject({ owner: 'a', revision: 2 });
    });

    test('takes pages, days and parts any number of times', async () => {
      const { store, dayOf } = await makeStore();
      for (let times = 0; times < 2; times += 1) {
        await store.putMissingPage({
          key: 'missing#r#1',
          missing: [{ conversationId: 'c-1', reason: 'unreadable' }],
          expiresAt: 1,
        });
        await store.putCompleteness(day('2026-11-18', false, 0));
        await store.putParts({ request: 'r', parts: ['r/backfill'], expiresAt: 1 });
      }
      expect(await dayOf('2026-11-18')).toMatchObject(day('2026-11-18', false, 0));
    });

    test.each([
      ['a final day is not replaced by a provisional one', false, true, 1],
      ['a final day is replaced by a final one', false, false, 2],
      ['a provisional day is replaced by a final one', true, false, 2],
      ['a provisional day is replaced by a provisional one', true, true, 2],
    ])('%s', async (title, isProvisional, isNextProvisional, percent) => {
      const { store, dayOf } = await makeStore();
      await store.putCompleteness(day(title, isProvisional, 1));
      await store.putCompleteness(day(title, isNextProvisional, 2));
      expect(await dayOf(title)).toMatchObject({ percent });
    });
  });
}
