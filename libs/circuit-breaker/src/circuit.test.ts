import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { admission, afterCall, type Circuit, CLOSED, openedElsewhere, probing } from './circuit.ts';

const half = () => 0.5;

/** The circuit after calls, one a millisecond unless a gap is given: `x` fails, `.` does not. */
const after = (calls: string, gapMillis = 1): Circuit =>
  [...calls].reduce<Circuit>(
    (circuit, call, index) => afterCall(circuit, { atMillis: index * gapMillis, failed: call === 'x' }, half),
    CLOSED,
  );

describe('a closed circuit', () => {
  test.each([
    ['the fifth failure in a row', 'xxxx', 'x'],
    ['half of twenty calls', '.x'.repeat(9) + '.', 'x'],
  ])('opens at %s and not before', (_case, before, last) => {
    expect(after(before).state).toBe('closed');
    expect(after(before + last)).toMatchObject({ state: 'open' });
  });

  test('says how many of the calls failed', () => {
    expect(after('.x'.repeat(10))).toMatchObject({ state: 'open', failureRate: 0.5 });
  });

  test.each([
    ['four failures and a success, again and again', 'xxxx.'.repeat(3)],
    ['fewer than half of many calls', '..x'.repeat(40)],
  ])('stays closed through %s', (_case, calls) => {
    expect(after(calls).state).toBe('closed');
  });

  test('forgets calls after sixty seconds', () => {
    expect(after('x.'.repeat(15), 2_000).state).toBe('open');
    expect(after('x.'.repeat(40), 4_000).state).toBe('closed');
  });
});

describe('an open circuit', () => {
  const open = openedElsewhere({ openedAtMillis: 0, failureRate: 1 }, 'automatic', 0, half);

  test('holds until its probe is due, lets one through, and holds the rest', () => {
    expect(admission(open, open.probeAtMillis - 1)).toBe('held');
    expect(admission(open, open.probeAtMillis)).toBe('probe');
    expect(admission(probing(open, open.probeAtMillis), open.probeAtMillis)).toBe('held');
  });

  test('lets another probe through when the first never answers', () => {
    const probe = probing(open, open.probeAtMillis);
    expect(admission(probe, probe.probeUntilMillis)).toBe('probe');
  });

  test('closes when the probe succeeds, and waits longer when it fails', () => {
    const at = open.probeAtMillis;
    const probe = probing(open, at);
    expect(afterCall(probe, { atMillis: at + 10, failed: false }, half)).toEqual(CLOSED);
    const failed = afterCall(probe, { atMillis: at + 10, failed: true }, half);
    expect(failed).toMatchObject({ state: 'open', failedProbes: 1, probeAtMillis: at + 10 + 7_500 });
  });

  test('does not listen to calls that set out before it opened', () => {
    expect(afterCall(open, { atMillis: 1, failed: false }, half)).toBe(open);
    expect(afterCall(open, { atMillis: 1, failed: true }, half)).toBe(open);
  });

  test('opened by hand, never probes', () => {
    const byHand = openedElsewhere({ openedAtMillis: 0, failureRate: 1 }, 'manual', 0, half);
    expect(admission(byHand, Number.MAX_SAFE_INTEGER)).toBe('held');
  });
});

test('whatever calls come, one success is enough for a fresh count, and every opening has its cause', () => {
  const calls = fc.array(fc.record({ gap: fc.nat(5_000), failed: fc.boolean() }), { maxLength: 200 });
  fc.assert(
    fc.property(calls, (stream) => {
      let circuit: Circuit = CLOSED;
      let atMillis = 0;
      const seen: { atMillis: number; failed: boolean }[] = [];
      for (const { gap, failed } of stream) {
        atMillis += gap;
        seen.push({ atMillis, failed });
        circuit = afterCall(circuit, { atMillis, failed }, half);
        const inARow = seen.length - 1 - seen.findLastIndex((call) => !call.failed);
        // To the second: the window counts by whole ones.
        const second = Math.floor(atMillis / 1_000);
        const recent = seen.filter((call) => Math.floor(call.atMillis / 1_000) > second - 60);
        const isBad =
          inARow >= 5 ||
          (recent.length >= 20 && recent.filter((c) => c.failed).length / recent.length >= 0.5);
        expect(circuit.state).toBe(isBad ? 'open' : 'closed');
        if (circuit.state === 'open') return;
      }
    }),
  );
});

test('probes wait at least half their bound and never more than a minute', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 50 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (fails, chance) => {
        const random = () => chance;
        let circuit: Circuit = openedElsewhere({ openedAtMillis: 0, failureRate: 1 }, 'automatic', 0, random);
        let waited = circuit.probeAtMillis;
        for (let probe = 0; probe < fails && circuit.state === 'open'; probe += 1) {
          const at = circuit.probeAtMillis;
          circuit = afterCall(probing(circuit, at), { atMillis: at, failed: true }, random);
          waited = circuit.state === 'open' ? circuit.probeAtMillis - at : 0;
        }
        const bound = Math.min(60_000, 5_000 * 2 ** fails);
        expect(waited).toBeGreaterThanOrEqual(bound / 2);
        expect(waited).toBeLessThanOrEqual(bound);
      },
    ),
  );
});
