import { describe, expect, test } from '@jest/globals';
import { createLedger, forgetClaim, ledgerKey, type Claim, type ClaimRequest } from './ledger.ts';
import type { LedgerStore } from './ledger-store.ts';
import { memoryLedgerStore } from './memory-store.ts';

const START_SECONDS = 1_795_000_000;
const LEASE_SECONDS = 40;
const RETENTION_SECONDS = 6_048_000;
const event: ClaimRequest = {
  org: 'main',
  eventId: 'evt-1#conv/-',
  digest: 'd1',
  leaseSeconds: LEASE_SECONDS,
};

/** A ledger on a clock that the test moves; `calls` names what its store was asked. */
function setUp({ retentionSeconds = RETENTION_SECONDS, store = memoryLedgerStore() } = {}) {
  const calls: string[] = [];
  const clock = { seconds: START_SECONDS };
  let owners = 0;
  const ledger = createLedger({
    store: counted(store, calls),
    consumer: 'processor',
    now: () => new Date(clock.seconds * 1000),
    newOwner: () => `owner-${(owners += 1)}`,
    retentionSeconds,
  });
  const mustClaim = async (request: ClaimRequest = event): Promise<Claim> => {
    const result = await ledger.claim(request);
    if (result.outcome !== 'claimed') throw new Error(`expected a claim, got ${result.outcome}`);
    return result.claim;
  };
  const recordNow = () =>
    store.insert({ ...unusedRecord, pk: ledgerKey({ consumer: 'processor', ...event }) }, START_SECONDS - 1);
  return { ledger, clock, calls, mustClaim, recordNow };
}

const unusedRecord = {
  pk: '',
  status: 'IN_PROGRESS',
  owner: 'probe',
  leaseUntil: 0,
  attempts: 1,
  digest: 'none',
  claimedAt: 0,
  expiresAt: 1,
} as const;

function counted(store: LedgerStore, calls: string[]): Omit<LedgerStore, 'remove'> {
  return {
    insert: (...args) => (calls.push('insert'), store.insert(...args)),
    takeOver: (...args) => (calls.push('takeOver'), store.takeOver(...args)),
    complete: (...args) => (calls.push('complete'), store.complete(...args)),
    release: (...args) => (calls.push('release'), store.release(...args)),
  };
}

describe('claim', () => {
  test('grants an unknown event with the first attempt', async () => {
    const { ledger } = setUp();
    await expect(ledger.claim(event)).resolves.toEqual({
      outcome: 'claimed',
      claim: { pk: 'processor#main#evt-1#conv/-', owner: 'owner-1', attempts: 1 },
    });
  });

  test('stores every time in epoch seconds', async () => {
    const { mustClaim, recordNow } = setUp();
    await mustClaim();
    await expect(recordNow()).resolves.toEqual({
      pk: 'processor#main#evt-1#conv/-',
      status: 'IN_PROGRESS',
      owner: 'owner-1',
      leaseUntil: START_SECONDS + LEASE_SECONDS,
      attempts: 1,
      digest: 'd1',
      claimedAt: START_SECONDS,
      expiresAt: START_SECONDS + RETENTION_SECONDS,
    });
  });

  test('is granted to exactly one of two workers that race', async () => {
    const { ledger } = setUp();
    const results = await Promise.all([ledger.claim(event), ledger.claim(event)]);
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['claimed', 'held']);
  });

  test('is held while another worker may still be running, and says until when', async () => {
    const { ledger, clock, mustClaim } = setUp();
    await mustClaim();
    clock.seconds += LEASE_SECONDS - 1;
    await expect(ledger.claim(event)).resolves.toEqual({
      outcome: 'held',
      leaseUntil: new Date((START_SECONDS + LEASE_SECONDS) * 1000),
    });
  });

  test('never opens a lease early by rounding', async () => {
    const { ledger, clock, mustClaim } = setUp();
    clock.seconds = START_SECONDS + 0.9;
    await mustClaim({ ...event, leaseSeconds: 2 });
    clock.seconds = START_SECONDS + 2.8;
    await expect(ledger.claim(event)).resolves.toMatchObject({ outcome: 'held' });
    clock.seconds = START_SECONDS + 3;
    await expect(ledger.claim(event)).resolves.toMatchObject({ outcome: 'claimed' });
  });

  test('is granted with the second attempt when the lease of a crashed worker has passed', async () => {
    const { clock, mustClaim } = setUp();
    await mustClaim();
    clock.seconds += LEASE_SECONDS;
    await expect(mustClaim()).resolves.toMatchObject({ attempts: 2 });
  });

  test('is granted to exactly one of two workers that race for a lapsed lease', async () => {
    const { ledger, clock, mustClaim } = setUp();
    await mustClaim();
    clock.seconds += LEASE_SECONDS;
    const results = await Promise.all([ledger.claim(event), ledger.claim(event)]);
    expect(results).toContainEqual({ outcome: 'claimed', claim: expect.objectContaining({ attempts: 2 }) });
    expect(results).toContainEqual({
      outcome: 'held',
      leaseUntil: new Date((START_SECONDS + LEASE_SECONDS * 2) * 1000),
    });
  });

  test('answers that a completed event is completed', async () => {
    const { ledger, mustClaim } = setUp();
    await ledger.complete(await mustClaim());
    await expect(ledger.claim(event)).resolves.toEqual({ outcome: 'completed' });
  });

  test('costs one write and nothing else for a duplicate', async () => {
    const { ledger, calls, mustClaim } = setUp();
    await ledger.complete(await mustClaim());
    calls.length = 0;
    await ledger.claim(event);
    expect(calls).toEqual(['insert']);
  });

  test.each([
    ['in progress', false],
    ['completed', true],
  ])(
    'answers conflict when the same id comes with another digest while the first is %s',
    async (_state, isDone) => {
      const { ledger, clock, mustClaim } = setUp();
      const first = await mustClaim();
      if (isDone) await ledger.complete(first);
      clock.seconds += LEASE_SECONDS;
      await expect(ledger.claim({ ...event, digest: 'd2' })).resolves.toEqual({
        outcome: 'conflict',
        digest: 'd1',
      });
    },
  );

  test('treats an expired record as absent, though the table still holds it', async () => {
    const { ledger, clock, mustClaim } = setUp();
    await ledger.complete(await mustClaim());
    clock.seconds += RETENTION_SECONDS - 1;
    await expect(ledger.claim(event)).resolves.toEqual({ outcome: 'completed' });
    clock.seconds += 1;
    await expect(mustClaim({ ...event, digest: 'd2' })).resolves.toMatchObject({ attempts: 1 });
  });

  test('fences for the whole lease even when the retention is shorter', async () => {
    const { ledger, clock, mustClaim } = setUp({ retentionSeconds: 1 });
    await mustClaim();
    clock.seconds += LEASE_SECONDS - 1;
    await expect(ledger.claim(event)).resolves.toMatchObject({ outcome: 'held' });
  });

  test('is granted to a caller whose write went through though its answer was lost', async () => {
    const store = memoryLedgerStore();
    const repeating: LedgerStore = {
      ...store,
      insert: async (...args) => {
        await store.insert(...args);
        return store.insert(...args);
      },
    };
    const { ledger } = setUp({ store: repeating });
    await expect(ledger.claim(event)).resolves.toMatchObject({ outcome: 'claimed' });
  });

  test('keeps consumers, orgs and events apart', async () => {
    const { ledger } = setUp();
    const results = await Promise.all([
      ledger.claim(event),
      ledger.claim({ ...event, org: 'other' }),
      ledger.claim({ ...event, eventId: 'evt-2' }),
      ledger.claim({ ...event, org: 'main#evt-1', eventId: 'conv/-' }),
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['claimed', 'claimed', 'claimed', 'claimed']);
  });
});

describe('a replay run', () => {
  test('counts its attempts from 1, and on from there', async () => {
    const { clock, mustClaim } = setUp();
    await mustClaim();
    clock.seconds += LEASE_SECONDS;
    await mustClaim();
    clock.seconds += LEASE_SECONDS;
    await expect(mustClaim({ ...event, replayRun: 'run-1' })).resolves.toMatchObject({ attempts: 1 });
    clock.seconds += LEASE_SECONDS;
    await expect(mustClaim({ ...event, replayRun: 'run-1' })).resolves.toMatchObject({ attempts: 2 });
  });

  test('does not repeat what is completed', async () => {
    const { ledger, mustClaim } = setUp();
    await ledger.complete(await mustClaim());
    await expect(ledger.claim({ ...event, replayRun: 'run-1' })).resolves.toEqual({ outcome: 'completed' });
  });
});

describe('release', () => {
  test('lets the next claim in at once, with the next attempt', async () => {
    const { ledger, mustClaim } = setUp();
    await ledger.release(await mustClaim(), { countAttempt: 'counted' });
    await expect(mustClaim()).resolves.toMatchObject({ attempts: 2 });
  });

  test('takes the attempt back when asked to', async () => {
    const { ledger, mustClaim } = setUp();
    await ledger.release(await mustClaim(), { countAttempt: 'taken-back' });
    await expect(mustClaim()).resolves.toMatchObject({ attempts: 1 });
  });

  test('cannot take an attempt back twice', async () => {
    const { ledger, mustClaim } = setUp();
    await ledger.release(await mustClaim(), { countAttempt: 'counted' });
    const second = await mustClaim();
    await ledger.release(second, { countAttempt: 'taken-back' });
    await ledger.release(second, { countAttempt: 'taken-back' });
    await expect(mustClaim()).resolves.toMatchObject({ attempts: 2 });
  });

  test('ends the right to complete', async () => {
    const { ledger, mustClaim } = setUp();
    const claim = await mustClaim();
    await ledger.release(claim, { countAttempt: 'counted' });
    await ledger.complete(claim);
    await expect(ledger.claim(event)).resolves.toMatchObject({ outcome: 'claimed' });
  });
});

describe('complete', () => {
  test('keeps the record for the retention from then on', async () => {
    const { ledger, clock, mustClaim, recordNow } = setUp();
    const claim = await mustClaim();
    clock.seconds += 7;
    await ledger.complete(claim);
    await expect(recordNow()).resolves.toMatchObject({
      status: 'COMPLETED',
      completedAt: START_SECONDS + 7,
      expiresAt: START_SECONDS + 7 + RETENTION_SECONDS,
    });
  });

  test('succeeds when the lease was lost meanwhile, and changes nothing', async () => {
    const { ledger, clock, mustClaim, recordNow } = setUp();
    const zombie = await mustClaim();
    clock.seconds += LEASE_SECONDS;
    await mustClaim();
    await expect(ledger.complete(zombie)).resolves.toBeUndefined();
    await expect(recordNow()).resolves.toMatchObject({ status: 'IN_PROGRESS', owner: 'owner-2' });
  });
});

describe('a worker that outlived its lease', () => {
  test('cannot release the claim of its successor', async () => {
    const { ledger, clock, mustClaim } = setUp();
    const zombie = await mustClaim();
    clock.seconds += LEASE_SECONDS;
    await mustClaim();
    await ledger.release(zombie, { countAttempt: 'taken-back' });
    await expect(ledger.claim(event)).resolves.toMatchObject({ outcome: 'held' });
  });

  test('cannot undo what its successor completed', async () => {
    const { ledger, clock, mustClaim } = setUp();
    const zombie = await mustClaim();
    clock.seconds += LEASE_SECONDS;
    await ledger.complete(await mustClaim());
    await ledger.release(zombie, { countAttempt: 'counted' });
    await expect(ledger.claim(event)).resolves.toEqual({ outcome: 'completed' });
  });
});

describe('forgetting a claim', () => {
  const named = { consumer: 'processor', org: event.org, eventId: event.eventId };

  const atStart = { now: () => new Date(START_SECONDS * 1000) };

  test('lets an event that is done have its effect once more', async () => {
    const store = memoryLedgerStore();
    const { ledger, mustClaim } = setUp({ store });
    await ledger.complete(await mustClaim());
    await expect(forgetClaim(named, { store, ...atStart })).resolves.toBe('forgotten');
    await expect(ledger.claim(event)).resolves.toMatchObject({ outcome: 'claimed' });
  });

  test('waits for whoever works on the event', async () => {
    const store = memoryLedgerStore();
    const { ledger, mustClaim } = setUp({ store });
    await mustClaim();
    await expect(forgetClaim(named, { store, ...atStart })).resolves.toBe('held');
    await expect(ledger.claim(event)).resolves.toMatchObject({ outcome: 'held' });
  });
});

test('an unreachable store is the caller’s to retry', async () => {
  const store: LedgerStore = {
    ...memoryLedgerStore(),
    insert: () => Promise.reject(new Error('connect ECONNREFUSED')),
  };
  await expect(setUp({ store }).ledger.claim(event)).rejects.toThrow('ECONNREFUSED');
});
