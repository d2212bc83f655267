import { setTimeout as wait } from 'node:timers/promises';
import pMap from 'p-map';
import { fullJitter } from './full-jitter.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, entryBytes } from './queue-entry.ts';
import type { BatchEntry, FailedEntry, QueueEntry, SendBatch } from './queue-entry.ts';
import { isUnavailable } from './unavailability.ts';

/** What `sendAll` needs: the call itself, and how far it may go. */
export interface SendAllOptions {
  readonly sendBatch: SendBatch;
  /** Once it fires nothing new is sent, and a running call is told so. */
  readonly signal?: AbortSignal | undefined;
  /** How often an entry is sent before it is given up, the first time included. */
  readonly attempts: number;
  /** How many calls run at the same time. */
  readonly concurrency: number;
  /** How long to wait before the nth retry. @default full jitter over 50, 100, 200 and then 400 ms */
  readonly pauseMillis?: (retry: number) => number;
}

/** How it went. An unsent entry may be on the queue all the same when its call broke off: sending it again is safe. */
export interface SendAllResult {
  readonly sent: number;
  /** In the order in which they were given. */
  readonly unsent: readonly QueueEntry[];
  /** Why, each once: SQS's codes, the names of errors thrown, `too-large`, `aborted`. */
  readonly codes: readonly string[];
}

const PAUSE_MILLIS = { base: 50, max: 400 };

/**
 * Codes that the same entry gets every time.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_BatchResultErrorEntry.html SenderFault
 */
const SENDER_FAULTS: ReadonlySet<string> = new Set([
  'InvalidMessageContents',
  'InvalidParameterValue',
  'MissingParameter',
  'UnsupportedOperation',
  'AWS.SimpleQueueService.UnsupportedOperation',
]);

/** What became of some entries; those that are not `sentIds` are unsent. */
interface Progress {
  readonly sentIds: readonly string[];
  readonly codes: readonly string[];
}

interface SizedEntry {
  readonly entry: BatchEntry;
  readonly bytes: number;
}

/**
 * Sends any number of entries in as few calls as order and size allow.
 * Entries of one group leave one after the other: none is sent while an earlier one of an earlier call is not on the queue.
 * Within one call SQS may take an entry and refuse the one before it; only the refused one is sent again.
 */
export async function sendAll(
  entries: readonly QueueEntry[],
  options: SendAllOptions,
): Promise<SendAllResult> {
  const sized = entries.map((entry, index) => ({
    entry: { ...entry, entryId: String(index) },
    bytes: entryBytes(entry),
  }));
  const progress = fitsOneCall(sized) ? [await sendChain(sized, options)] : await sendChains(sized, options);
  const sentIds = new Set(progress.flatMap((each) => each.sentIds));
  const codes = progress.flatMap((each) => each.codes);
  return {
    sent: sentIds.size,
    unsent: entries.filter((_, index) => !sentIds.has(String(index))),
    codes: [...new Set(sized.some(isTooLarge) ? ['too-large', ...codes] : codes)],
  };
}

/** Nearly every delivery does: one event, or a few. */
function fitsOneCall(sized: readonly SizedEntry[]): boolean {
  const totalBytes = sized.reduce((sum, { bytes }) => sum + bytes, 0);
  return sized.length <= MAX_BATCH_ENTRIES && totalBytes <= MAX_BATCH_BYTES;
}

function sendChains(sized: readonly SizedEntry[], options: SendAllOptions): Promise<Progress[]> {
  const groups = groupsOf(sized).map(upToTooLarge);
  const { concurrency } = options;
  return pMap(packChains(groups), (chain) => sendChain(chain, options), { concurrency });
}

/** Entries of one group in their order; without a group every entry stands alone. */
function groupsOf(sized: readonly SizedEntry[]): SizedEntry[][] {
  const groups = Map.groupBy(sized, ({ entry }) => entry.groupId ?? Symbol(entry.entryId));
  return [...groups.values()];
}

/** What no call can hold stops its group there, so that nothing overtakes it. */
function upToTooLarge(group: readonly SizedEntry[]): readonly SizedEntry[] {
  const index = group.findIndex(isTooLarge);
  return index === -1 ? group : group.slice(0, index);
}

function isTooLarge({ bytes }: SizedEntry): boolean {
  return bytes > MAX_BATCH_BYTES;
}

/** A group joins the first chain whose last batch has room for all of it, so that it costs no call of its own. */
function packChains(groups: readonly (readonly SizedEntry[])[]): SizedEntry[][] {
  const full: SizedEntry[][] = [];
  // Full ones are put away: looking at each of them again would make this quadratic in the number of events.
  let open: SizedEntry[][] = [];
  for (const group of groups) {
    const chain = open.find(({ length }) => group.length <= roomInLastBatch(length)) ?? [];
    if (chain.length === 0) open.push(chain);
    chain.push(...group);
    if (roomInLastBatch(chain.length) > 0) continue;
    full.push(chain);
    open = open.filter((each) => each !== chain);
  }
  return [...full, ...open];
}

function roomInLastBatch(chainLength: number): number {
  return (MAX_BATCH_ENTRIES - (chainLength % MAX_BATCH_ENTRIES)) % MAX_BATCH_ENTRIES;
}

async function sendChain(chain: readonly SizedEntry[], options: SendAllOptions): Promise<Progress> {
  const sentIds: string[] = [];
  for (const batch of cutBatches(chain)) {
    const progress = await sendWithRetries(batch, options);
    sentIds.push(...progress.sentIds);
    if (progress.sentIds.length < batch.length) return { sentIds, codes: progress.codes };
  }
  return { sentIds, codes: [] };
}

function cutBatches(chain: readonly SizedEntry[]): BatchEntry[][] {
  const batches: BatchEntry[][] = [];
  let room = 0;
  for (const { entry, bytes } of chain) {
    const last = batches.at(-1);
    if (last && last.length < MAX_BATCH_ENTRIES && bytes <= room) last.push(entry);
    else {
      batches.push([entry]);
      room = MAX_BATCH_BYTES;
    }
    room -= bytes;
  }
  return batches;
}

async function sendWithRetries(batch: readonly BatchEntry[], options: SendAllOptions): Promise<Progress> {
  /** Why an entry is not on the queue; empty when all are. */
  const codes = new Map(batch.map(({ entryId }) => [entryId, 'aborted']));
  let waiting = batch;
  for (let attempt = 1; attempt <= options.attempts && waiting.length > 0; attempt += 1) {
    if (attempt > 1) await pause(attempt - 1, options);
    if (options.signal?.aborted) break;

    const failures = await trySending(waiting, options);
    for (const { entryId } of waiting) codes.delete(entryId);
    for (const { entryId, code } of failures) codes.set(entryId, code);
    waiting = worthRetrying(waiting, codes);
  }
  const sent = batch.filter(({ entryId }) => !codes.has(entryId));
  return { sentIds: sent.map(({ entryId }) => entryId), codes: [...codes.values()] };
}

async function trySending(
  entries: readonly BatchEntry[],
  { sendBatch, signal }: SendAllOptions,
): Promise<readonly FailedEntry[]> {
  try {
    return await sendBatch(entries, signal);
  } catch (error) {
    const code = codeOf(error);
    return entries.map(({ entryId }) => ({ entryId, code }));
  }
}

/** What `isUnavailable` and a reader of the log can tell an outage by. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return isUnavailable(error) && error.name === 'Error' ? 'ServiceUnavailable' : error.name;
}

/** The failed entries, up to the first that no retry can help: what comes behind it must not overtake it. */
function worthRetrying(entries: readonly BatchEntry[], failures: ReadonlyMap<string, string>): BatchEntry[] {
  const hopeless = entries.findIndex(({ entryId }) => SENDER_FAULTS.has(failures.get(entryId) ?? ''));
  const before = hopeless === -1 ? entries : entries.slice(0, hopeless);
  return before.filter(({ entryId }) => failures.has(entryId));
}

/** Ends early when the signal fires; the caller looks at the signal next. */
async function pause(retry: number, { signal, pauseMillis = jitteredMillis }: SendAllOptions): Promise<void> {
  await wait(pauseMillis(retry), undefined, { signal }).catch(() => undefined);
}

function jitteredMillis(retry: number): number {
  return fullJitter(retry, PAUSE_MILLIS, Math.random);
}
