import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLedger, type Ledger } from './ledger.ts';
import type { LedgerRecord } from './ledger-record.ts';
import type { LedgerStore } from './ledger-store.ts';
import { memoryLedgerStore } from './memory-store.ts';

const LEASE_SECONDS = 10;
const RUNS = 1_000;
const event = { org: 'main', eventId: 'evt-1', digest: 'd1', leaseSeconds: LEASE_SECONDS };

/** What one worker sets out to do; it stops for good at its `crashAtStep`th await, if it gets that far. */
interface Plan {
  readonly ending: 'complete' | 'counted' | 'taken-back';
  readonly crashAtStep: number;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  ending: fc.constantFrom('complete', 'complete', 'counted', 'taken-back'),
  crashAtStep: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 9 })),
});

class Crash extends Error {}

/** One event's history, checked while it happens: every write that goes through is judged at its own moment. */
function createWorld() {
  const store = memoryLedgerStore();
  const clock = { seconds: 1_000 };
  const open = new Map<string, LedgerRecord>();
  const effects: string[] = [];
  const completions: string[] = [];
  let countedAttempts = 0;
  let holder = '';

  const granted = (record: LedgerRecord) => {
    const running = [...open.values()].filter(({ leaseUntil }) => leaseUntil > clock.seconds);
    expect(running).toEqual([]);
    expect(completions).toEqual([]);
    expect(record.attempts).toBe(countedAttempts + 1);
    countedAttempts += 1;
    holder = record.owner;
    open.set(record.owner, record);
  };

  const judged: Omit<LedgerStore, 'remove'> = {
    insert: async (record, nowEpochSeconds) => {
      const live = await store.insert(record, nowEpochSeconds);
      if (!live) granted(record);
      return live;
    },
    takeOver: async (record, previousOwner) => {
      const taken = await store.takeOver(record, previousOwner);
      if (taken) granted(record);
      return taken;
    },
    complete: async (pk, owner, completion) => {
      const completed = await store.complete(pk, owner, completion);
      if (completed) {
        expect(owner).toBe(holder);
        expect(effects).toContain(owner);
        completions.push(owner);
        open.delete(owner);
      }
      return completed;
    },
    release: async (pk, owner, release) => {
      const released = await store.release(pk, owner, release);
      if (released) {
        expect(owner).toBe(holder);
        countedAttempts = release.attempts;
        open.delete(owner);
      }
      return released;
    },
  };
  return { store: judged, clock, effects, completions };
}

type World = ReturnType<typeof createWorld>;

let owners = 0;

/** A ledger as one worker sees it: `step` stands before every call and before every answer. */
function ledgerOf({ store, clock }: World, step: (label: string) => Promise<void>): Ledger {
  const stepped = async <T>(label: string, call: () => Promise<T>): Promise<T> => {
    await step(`${label} leaves`);
    const answer = await call();
    await step(`${label} returns`);
    return answer;
  };
  return createLedger({
    store: {
      insert: (...args) => stepped('insert', () => store.insert(...args)),
      takeOver: (...args) => stepped('takeOver', () => store.takeOver(...args)),
      complete: (...args) => stepped('complete', () => store.complete(...args)),
      release: (...args) => stepped('release', () => store.release(...args)),
    },
    consumer: 'processor',
    now: () => new Date(clock.seconds * 1000),
    newOwner: () => `owner-${(owners += 1)}`,
    retentionSeconds: 1_000_000,
  });
}

async function work(world: World, { ending, crashAtStep }: Plan, pause: (label: string) => Promise<void>) {
  let steps = 0;
  const step = async (label: string) => {
    await pause(label);
    steps += 1;
    if (steps === crashAtStep) throw new Crash();
  };
  const ledger = ledgerOf(world, step);

  // Time may pass before a worker looks at its clock.
  await step('the start');
  const result = await ledger.claim(event);
  if (result.outcome !== 'claimed') return;
  await step('the effect');
  world.effects.push(result.claim.owner);
  if (ending === 'complete') await ledger.complete(result.claim);
  else await ledger.release(result.claim, { countAttempt: ending });
}

async function untilCrash(running: Promise<void>): Promise<void> {
  try {
    await running;
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
  }
}

/** What SQS's redelivery does in the end: one more worker, alone, after every lease has passed. */
async function recover(world: World) {
  world.clock.seconds += LEASE_SECONDS + 1;
  await work(world, { ending: 'complete', crashAtStep: Infinity }, async () => undefined);
}

test('whatever the interleaving and the crashes, no two workers share a lease, only the last owner ends it, one completion counts and no event is lost', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(plan, { minLength: 2, maxLength: 3 }),
      fc.array(fc.integer({ min: 1, max: LEASE_SECONDS }), { maxLength: 6 }),
      async (scheduler, plans, ticks) => {
        const world = createWorld();
        const clock = scheduler.scheduleSequence(
          ticks.map((seconds) => ({
            label: `${seconds} s pass`,
            builder: async () => void (world.clock.seconds += seconds),
          })),
        );
        const workers = plans.map((each, index) =>
          untilCrash(
            work(world, each, (label) => scheduler.schedule(Promise.resolve(), `worker ${index}: ${label}`)),
          ),
        );
        await scheduler.waitFor(Promise.all([...workers, clock.task]));
        await recover(world);

        expect(world.completions).toHaveLength(1);
        expect(world.effects).toContain(world.completions[0]);
      },
    ),
    { numRuns: RUNS },
  );
});
