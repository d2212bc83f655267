import { describe, expect, test } from '@jest/globals';
import type { Review, ReviewStore } from './review-store.ts';

const review = (hour: number, more: Partial<Review> = {}): Review => ({
  id: `alarm-${hour}-conflict`,
  reason: 'conflict',
  since: '2026-11-20T13:00:00.000Z',
  until: `2026-11-20T${hour}:00:00.000Z`,
  letters: 3,
  state: 'REQUESTED',
  requestedAt: `2026-11-20T${hour}:00:00.000Z`,
  expiresAt: 2_000_000_000,
  ...more,
});

/** What every store of reviews must do; `open` gives an empty one each time. */
export function reviewStoreContract(name: string, open: () => Promise<ReviewStore>): void {
  describe(`${name} as a store of reviews`, () => {
    test('a review comes back as it was put, and is not put twice', async () => {
      const store = await open();
      await store.putIfAbsent(review(14));
      await store.change('alarm-14-conflict', { state: 'WAITING', taskToken: 'token' });
      await store.putIfAbsent(review(14));
      expect(await store.get('alarm-14-conflict')).toEqual(
        review(14, { state: 'WAITING', taskToken: 'token' }),
      );
      expect(await store.get('another')).toBeUndefined();
    });

    test('the newest comes first', async () => {
      const store = await open();
      for (const hour of [15, 14, 16]) await store.putIfAbsent(review(hour));
      expect((await store.list()).map(({ id }) => id)).toEqual([
        'alarm-16-conflict',
        'alarm-15-conflict',
        'alarm-14-conflict',
      ]);
    });

    test('a change keeps the rest, and makes no review where there is none', async () => {
      const store = await open();
      await store.putIfAbsent(review(14));
      const changes = { state: 'DONE', decision: 'discard', decidedBy: 'kim', cause: 'none' } as const;
      expect(await store.change('alarm-14-conflict', changes)).toBe(true);
      expect(await store.get('alarm-14-conflict')).toEqual(review(14, changes));
      expect(await store.change('another', changes)).toBe(false);
      expect(await store.list()).toHaveLength(1);
    });
  });
}
