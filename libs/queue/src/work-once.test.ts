import { describe, expect, test } from '@jest/globals';
import { PermanentError } from './permanent-error.ts';
import { isUnavailable } from './unavailability.ts';
import { workOnce, type WorkLedger } from './work-once.ts';

const event = { org: 'main', eventId: 'e1', digest: 'd1' };
const outage = () => Object.assign(new Error('busy'), { name: 'ThrottlingException' });

type ClaimAnswer = Awaited<ReturnType<WorkLedger<{ attempts: number }>['claim']>>;

/** A ledger that gives the one answer, and what was done with the claim. */
function scripted(answer: ClaimAnswer, { remainingMillis = 10_000 } = {}) {
  const calls: unknown[] = [];
  const faults = { complete: async () => {}, release: async () => {} };
  const deps = {
    ledger: {
      claim: async (request: object) => (calls.push(request), answer),
      complete: async () => (await faults.complete(), void calls.push('complete')),
      release: async (_claim: object, { countAttempt }: { countAttempt: string }) => (
        await faults.release(),
        void calls.push(countAttempt)
      ),
    },
    maxAttempts: 3,
    isOutage: isUnavailable,
    remainingMillis: () => remainingMillis,
    now: () => new Date('2026-11-20T14:00:00Z'),
  };
  const run = (work: (attempt: number) => Promise<string>) => workOnce(event, work, deps);
  return { calls, faults, run, ended: () => calls.slice(1) };
}
const claimed = (attempts: number): ClaimAnswer => ({ outcome: 'claimed', claim: { attempts } });

describe('an event', () => {
  test('is worked on under a lease that outlives the invocation, and is done', async () => {
    const { run, calls } = scripted(claimed(2));
    expect(await run(async (attempt) => `attempt ${attempt}`)).toEqual({
      ...{ outcome: 'worked', value: 'attempt 2', attempt: 2 },
    });
    expect(calls).toEqual([{ ...event, leaseSeconds: 20 }, 'complete']);
  });

  test.each<[string, ClaimAnswer, unknown]>([
    ['is done', { outcome: 'completed' }, { outcome: 'duplicate' }],
    [
      'is in work for seconds yet',
      { outcome: 'held', leaseUntil: new Date('2026-11-20T14:00:02.2Z') },
      { retryAfterSeconds: 3 },
    ],
    [
      'may be in work for minutes',
      { outcome: 'held', leaseUntil: new Date('2026-11-20T14:15:00Z') },
      { retryAfterSeconds: 5 },
    ],
    ['is another', { outcome: 'conflict' }, { reason: 'conflict' }],
  ])('that %s is not worked on', async (_case, answer, expected) => {
    const { run, ended } = scripted(answer);
    const work = async () => Promise.reject(new Error('it was worked on'));
    expect(await run(work).catch((error: unknown) => error)).toMatchObject(expected as object);
    expect(ended()).toEqual([]);
  });
});

describe('a failure', () => {
  const failing = async (attempts: number, error: Error) => {
    const { run, ended, faults } = scripted(claimed(attempts));
    const thrown = await run(async () => Promise.reject(error)).catch((reason: unknown) => reason);
    return { thrown, ended: ended(), faults };
  };

  test('counts, and the event comes again', async () => {
    const error = new Error('odd');
    expect(await failing(2, error)).toMatchObject({ thrown: error, ended: ['counted'] });
  });

  test('that is the last gives the event up, by its name alone', async () => {
    const { thrown, ended } = await failing(3, new TypeError('card 4111'));
    expect(thrown).toMatchObject({ reason: 'retries-exhausted', detail: 'TypeError', attempts: 3 });
    expect(ended).toEqual(['forgotten']);
  });

  test('of a downstream does not count, also at the last attempt', async () => {
    const error = outage();
    expect(await failing(3, error)).toMatchObject({ thrown: error, ended: ['taken-back'] });
  });

  test('that is permanent gives the event up at once', async () => {
    const { thrown, ended } = await failing(1, new PermanentError('effect-refused', 'no'));
    expect(thrown).toMatchObject({ reason: 'effect-refused', detail: 'no', attempts: 1 });
    expect(ended).toEqual(['forgotten']);
  });

  test('to complete is like one of the work: its effect is repeated', async () => {
    const { run, ended, faults } = scripted(claimed(1));
    faults.complete = async () => Promise.reject(outage());
    await expect(run(async () => 'done')).rejects.toThrow('busy');
    expect(ended()).toEqual(['taken-back']);
  });

  test('to release does not hide why the work failed, but nothing is given up without the ledger', async () => {
    for (const [error, message] of [
      [new Error('odd'), 'odd'],
      [new PermanentError('effect-refused'), 'busy'],
    ] as const) {
      const { run, faults } = scripted(claimed(1));
      faults.release = async () => Promise.reject(outage());
      await expect(run(async () => Promise.reject(error))).rejects.toThrow(message);
    }
  });
});

test('work that never ends is given up while there is time to say so', async () => {
  const { run, ended } = scripted(claimed(1), { remainingMillis: 2_050 });
  await expect(run(() => new Promise(() => undefined))).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(ended()).toEqual(['taken-back']);
});

test('an event whose earlier attempts did not finish is not tried for ever', async () => {
  const { run, ended } = scripted(claimed(4));
  await expect(run(async () => 'done')).rejects.toMatchObject({ reason: 'retries-exhausted', attempts: 4 });
  expect(ended()).toEqual(['forgotten']);
});
