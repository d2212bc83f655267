import type { QueueEntry } from '@aftercall/queue';
import type { ClaimingConsumer, ReplayTask } from '@aftercall/schemas';
import {
  type SetAside,
  type SetAsideContent,
  type SetAsideEntry,
  SetAsideNotFoundError,
} from '@aftercall/set-aside';
import { claimedEvent, type ClaimedEvent } from './claimed-event.ts';
import { type PrepareDeps, prepareReplay, type Refusal, refused } from './prepare-replay.ts';
import { selectEntries } from './select-entries.ts';

/** What `replayEntries` needs from the outside world. */
export interface ReplayDeps extends PrepareDeps {
  readonly setAside: Pick<SetAside, 'inOrder' | 'get' | 'take' | 'finish' | 'giveBack'>;
  /** Resolves once the queue of that name holds them all. */
  send(queue: string, entries: readonly QueueEntry[]): Promise<void>;
  /** Tells the CRM's rule alone. */
  publish(body: string): Promise<void>;
  forgetClaim(consumer: ClaimingConsumer, event: ClaimedEvent): Promise<'forgotten' | 'held'>;
  /** An entry that had better wait is passed over. */
  mayGo?(entry: SetAsideEntry): boolean;
  remainingMillis(): number;
  sleep(millis: number): Promise<void>;
}

/** An entry that stays where it is, and why. */
export interface RefusedEntry {
  readonly kind: SetAsideEntry['kind'];
  readonly id: string;
  readonly reason: string;
  readonly detail: string;
}

/** How far one call has come. */
export interface ReplayReport {
  readonly run: string;
  /** Sent again, or, in a dry run, what would be. */
  readonly replayed: number;
  readonly refused: number;
  /** The first of them. */
  readonly refusals: readonly RefusedEntry[];
  /** Another replay has them at the moment. */
  readonly busy: number;
  /** Another call goes on where this one stopped for lack of time. */
  readonly left: boolean;
}

/** Left for what is under way: sending, and saying that it was sent. */
const RESERVE_MILLIS = 10_000;
/** The entry's lease outlives the call by this, so that a slow end is not taken for a crash. */
const LEASE_MARGIN_SECONDS = 10;
const DEFAULT_RATE_PER_SECOND = 50;
/** What a function answers has a limit, and a person reads the first few. */
const MAX_REFUSALS = 100;

/**
 * Sends again what is selected, in its order and at a capped rate, for as long as the call lasts. What was sent by this
 * run is not sent again by it; what it refused stays open.
 */
export async function replayEntries(task: ReplayTask, deps: ReplayDeps): Promise<ReplayReport> {
  const tally = { replayed: 0, refused: 0, busy: 0 };
  const refusals: RefusedEntry[] = [];
  const states = task.again === true ? ALL_STATES : UNFINISHED;
  const pace = createPace(task.ratePerSecond ?? DEFAULT_RATE_PER_SECOND, deps);
  const waiting = new Set<string>();
  for await (const entry of selectEntries(task.selection, states, deps.setAside)) {
    if (deps.remainingMillis() < RESERVE_MILLIS) return { run: task.run, ...tally, refusals, left: true };
    if (wasTried(entry, task) || deps.mayGo?.(entry) === false) continue;
    const result = await replayBehind(waiting, entry, () =>
      task.dryRun === true ? tryOut(entry, task, deps) : replay(entry, task, pace, deps),
    );
    if (result.outcome === 'replayed') tally.replayed += 1;
    else if (result.outcome === 'busy') tally.busy += 1;
    else if (result.outcome === 'refused') {
      tally.refused += 1;
      if (refusals.length < MAX_REFUSALS) refusals.push(refusedEntry(entry, result));
    }
  }
  return { run: task.run, ...tally, refusals, left: false };
}

const UNFINISHED = ['OPEN', 'REPLAYING'] as const;
const ALL_STATES = [...UNFINISHED, 'DONE'] as const;

/** An earlier call of this run has had it, and left it for good or for another run. */
const wasTried = ({ state, run }: SetAsideEntry, task: ReplayTask): boolean =>
  run === task.run && state !== 'REPLAYING';

const refusedEntry = ({ kind, id }: SetAsideEntry, { reason, detail }: Refusal): RefusedEntry => ({
  kind,
  id,
  reason,
  detail,
});

/** What another replay has at the moment keeps everything behind it in its conversation from overtaking it. */
async function replayBehind(
  waiting: Set<string>,
  { kind, id, group, conversationId }: SetAsideEntry,
  replayed: () => Promise<Replayed>,
): Promise<Replayed> {
  const line = group ?? conversationId ?? `${kind} ${id}`;
  const result = waiting.has(line) ? ({ outcome: 'busy' } as const) : await replayed();
  if (result.outcome === 'busy') waiting.add(line);
  return result;
}

type Replayed = { readonly outcome: 'replayed' | 'busy' | 'done' } | Refusal;

async function replay(
  entry: SetAsideEntry,
  task: ReplayTask,
  pace: () => Promise<void>,
  deps: ReplayDeps,
): Promise<Replayed> {
  const leaseSeconds = Math.ceil(deps.remainingMillis() / 1_000) + LEASE_MARGIN_SECONDS;
  const again = task.again === true;
  const taken = await deps.setAside.take(entry, { run: task.run, leaseSeconds, again });
  if (taken.outcome !== 'taken') return taken;
  const result = await sendAgain(taken.entry, task, pace, deps);
  if (result.outcome === 'refused') {
    await deps.setAside.giveBack(taken.entry);
    return result;
  }
  const { by, reason } = task;
  await deps.setAside.finish(taken.entry, {
    outcome: 'replayed',
    by,
    ...(reason !== undefined && { reason }),
  });
  return { outcome: 'replayed' };
}

/** When a call fails, the entry stays taken: whoever goes on does so under this run's name. */
async function sendAgain(
  entry: SetAsideEntry & { readonly run: string },
  task: ReplayTask,
  pace: () => Promise<void>,
  deps: ReplayDeps,
): Promise<Refusal | { readonly outcome: 'sent' }> {
  const found = await find(entry, deps);
  if (found.outcome === 'refused') return found;
  const prepared = await prepareReplay(found.content, entry.run, deps);
  if (prepared.outcome === 'refused') return prepared;
  const unforced = await force(found.content, task, deps);
  if (unforced) return unforced;
  await pace();
  if (prepared.outcome === 'publish') await deps.publish(prepared.body);
  else await deps.send(prepared.queue, prepared.entries);
  return prepared.outcome === 'send' && prepared.rest ? prepared.rest : { outcome: 'sent' };
}

/** What would become of it, without any of it. */
async function tryOut(entry: SetAsideEntry, task: ReplayTask, deps: ReplayDeps): Promise<Replayed> {
  const found = await find(entry, deps);
  if (found.outcome === 'refused') return found;
  const prepared = await prepareReplay(found.content, task.run, {
    ...deps,
    storeObject: async () => undefined,
  });
  if (prepared.outcome === 'refused') return prepared;
  if (prepared.outcome === 'send' && prepared.rest) return prepared.rest;
  return nothingToForget(found.content, task) ?? { outcome: 'replayed' };
}

async function find(
  entry: SetAsideEntry,
  { setAside }: ReplayDeps,
): Promise<Refusal | { readonly outcome: 'found'; readonly content: SetAsideContent }> {
  try {
    return { outcome: 'found', content: await setAside.get(entry.kind, entry.sk) };
  } catch (error) {
    if (error instanceof SetAsideNotFoundError)
      return refused('body-gone', 'its body is not in the bucket any more');
    throw error;
  }
}

async function force(
  content: SetAsideContent,
  task: ReplayTask,
  deps: ReplayDeps,
): Promise<Refusal | undefined> {
  if (task.force === undefined) return undefined;
  const event = claimedEvent(task.force, content);
  if (event === undefined) return nothingToForget(content, task);
  const outcome = await deps.forgetClaim(task.force, event);
  return outcome === 'held'
    ? refused('claim-held', `${task.force} works on the event right now; try again in a minute`)
    : undefined;
}

function nothingToForget(content: SetAsideContent, { force: consumer }: ReplayTask): Refusal | undefined {
  if (consumer === undefined || claimedEvent(consumer, content) !== undefined) return undefined;
  return refused('no-claim', `it is of no queue whose events ${consumer} claims`);
}

/** Lets through so many a second, evenly. */
function createPace(ratePerSecond: number, { now, sleep }: Pick<ReplayDeps, 'now' | 'sleep'>) {
  let dueMillis = -Infinity;
  return async (): Promise<void> => {
    const waitMillis = dueMillis - now().getTime();
    if (waitMillis > 0) await sleep(waitMillis);
    dueMillis = Math.max(dueMillis, now().getTime()) + 1_000 / ratePerSecond;
  };
}
