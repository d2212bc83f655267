import { expect, test } from '@jest/globals';
import { judgeRotation, type RotationFacts } from './judge-rotation.ts';

const now = new Date('2026-11-30T12:00:00Z');
const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
const HOUR = 3_600;

interface Case {
  readonly changed?: number;
  readonly previousLast?: number;
  readonly byCurrent?: number;
  readonly versions?: Partial<RotationFacts['versions']>;
}

/** Changed two days ago, the sender switched since, the previous version never seen again. */
const judged = ({ changed = 48 * HOUR, previousLast, byCurrent = 5, versions }: Case) =>
  judgeRotation({
    now,
    cacheSeconds: 300,
    quietSeconds: 24 * HOUR,
    versions: { hasCurrent: true, previous: 'v1', changedAt: ago(changed), ...versions },
    use: {
      current: { deliveries: byCurrent, lastAt: byCurrent > 0 ? ago(1) : undefined },
      previous: {
        deliveries: previousLast === undefined ? 0 : 1,
        lastAt: previousLast === undefined ? undefined : ago(previousLast),
      },
    },
  });

test.each<[string, Case, string]>([
  ['the sender was switched and a day has passed', {}, 'previous-idle'],
  ['no version has a value', { versions: { hasCurrent: false } }, 'no-secret'],
  ['there is nothing to retire', { versions: { previous: undefined } }, 'settled'],
  ['a container may still know the old labels', { changed: 299 }, 'spreading'],
  ['the previous version verified a delivery a minute ago', { previousLast: 60 }, 'previous-in-use'],
  ['it did just within the quiet time', { previousLast: 24 * HOUR }, 'previous-in-use'],
  ['it did before the quiet time', { previousLast: 24 * HOUR + 1 }, 'previous-idle'],
  ['nobody has signed with the current version yet', { byCurrent: 0 }, 'current-unused'],
  ['the log cannot cover the quiet time yet', { changed: 24 * HOUR + 299 }, 'waiting'],
])('when %s', (_when, given, state) => {
  expect(judged(given)).toBe(state);
});
