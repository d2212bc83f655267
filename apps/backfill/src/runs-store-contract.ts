import { describe, expect, test } from '@jest/globals';
import { newRun } from './backfill-run.ts';
import type { RunsStore } from './runs-store.ts';

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

/** What every store of runs must do. */
export function runsStoreContract(title: string, makeStore: () => Promise<RunsStore>): void {
  describe(title, () => {
    test('gives back what was written, one revision on', async () => {
      const store = await makeStore();
      const run = { ...newRequest(), owner: 'a' };
      const missing = [{ conversationId: 'c-1', reason: 'without-metrics' as const }];
      const written = { ...run, window: { ...run.window, cursor: 'x', missing, missingPages: ['p'] } };
      expect(await store.read(run.request)).toBeUndefined();
      expect(await store.write(written)).toBe('written');
      expect(await store.read(run.request)).toEqual({ ...written, revision: 1 });
    });

    test('refuses whoever read it before somebody else wrote', async () => {
      const store = await makeStore();
      const run = newRequest();
      await store.write({ ...run, owner: 'a' });
      expect(await store.write({ ...run, owner: 'b' })).toBe('moved-on');
      expect(await store.write({ ...run, owner: 'a', revision: 1 })).toBe('written');
      expect(await store.write({ ...run, owner: 'b', revision: 1 })).toBe('moved-on');
      expect(await store.read(run.request)).toMatchObject({ owner: 'a', revision: 2 });
    });

    test('takes pages, days and parts any number of times', async () => {
      const store = await makeStore();
      const counts = { seen: 1, withOutcome: 0, sent: 0, withoutMetrics: 1, failed: 0 };
      const day = { source: 'backfill', date: '2026-11-20', counts, percent: 0, isProvisional: false };
      for (let times = 0; times < 2; times += 1) {
        await store.putMissingPage({
          key: 'missing#r#1',
          missing: [{ conversationId: 'c-1', reason: 'unreadable' }],
          expiresAt: 1,
        });
        await store.putCompleteness({
          ...day,
          missingPages: ['missing#r#1'],
          request: 'r',
          updatedAt: '2026-11-22T00:00:00.000Z',
          expiresAt: 1,
        });
        await store.putParts({ request: 'r', parts: ['r/backfill'], expiresAt: 1 });
      }
    });
  });
}
