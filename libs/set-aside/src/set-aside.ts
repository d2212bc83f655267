import { SetAsideContendedError, SetAsideFullError, SetAsideNotFoundError } from './errors.ts';
import { entriesInOrder } from './entries-in-order.ts';
import type { Charge, IndexStore, SetAsideEntry, SetAsideKind, SetAsideState } from './index-store.ts';
import type { ObjectStore } from './object-store.ts';
import { indexText, nameOf, objectKey } from './set-aside-name.ts';
import { wayBack, type WayBack } from './way-back.ts';

/** 45 days: the lifetime of everything set aside. */
export const SET_ASIDE_RETENTION_SECONDS = 45 * 86_400;

const DEFAULT_LIST_LIMIT = 100;
/** A write is contended only while another caller keeps the very same body. */
const WRITE_ATTEMPTS = 3;
/** A budget's row outlives its day, so that a late clock still finds it. */
const BUDGET_RETENTION_SECONDS = 3 * 86_400;
const RECEIVED_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#/;

/** What the set-aside store needs from the outside world. */
export interface SetAsideDeps {
  readonly objects: ObjectStore;
  readonly index: IndexStore;
  readonly now: () => Date;
  readonly retentionSeconds: number;
}

/** One thing to keep. */
export interface SetAsideItem {
  readonly kind: SetAsideKind;
  /** The same for the same thing, always: a second put under it keeps the first body. */
  readonly id: string;
  readonly source: string;
  readonly reason: string;
  /** The JSON bytes to keep, exactly as they are to come back. */
  readonly body: Uint8Array;
  /** Over `body`, checked on its way back. */
  readonly seal: string;
  readonly eventId?: string;
  readonly conversationId?: string;
  readonly queue?: string;
  readonly group?: string;
  readonly sequence?: string;
  readonly detail?: string;
  readonly function?: string;
  readonly attempts?: number;
  readonly failedAt?: string;
  /** What the source may set aside in a UTC day; without it, nothing is counted. */
  readonly capBytes?: number;
}

/** Where an item lies now, and whether this put brought it there. */
export interface SetAsideReceipt {
  readonly key: string;
  readonly stored: 'new' | 'already-there';
}

/** Which entries are meant. */
export interface SetAsideSelection {
  readonly kind: SetAsideKind;
  readonly id?: string;
  readonly reason?: string;
  readonly conversationId?: string;
  /** Default: any. */
  readonly states?: readonly SetAsideState[];
  readonly since?: Date;
  /** Received before this. */
  readonly until?: Date;
}

/** What to list; newest first, 100 entries unless told. */
export interface SetAsideFilter extends SetAsideSelection {
  readonly limit?: number;
}

/** An entry together with what it kept. */
export interface SetAsideContent extends SetAsideEntry {
  readonly body: Uint8Array;
  readonly seal: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The one store for everything that could not go on. */
export interface SetAside extends WayBack {
  /**
   * Keeps the item; resolves once body and index row are durable. Repeating it changes nothing, and heals a put
   * that a crash cut short.
   *
   * @throws SetAsideFullError when `capBytes` is given and spent; neither a body that is there already nor the next
   * try after a failed put is charged again
   */
  put(item: SetAsideItem, signal?: AbortSignal): Promise<SetAsideReceipt>;
  list(filter: SetAsideFilter): Promise<readonly SetAsideEntry[]>;
  /** All of them, in the order in which they were set aside, and within a group as SQS had them. */
  inOrder(selection: SetAsideSelection): AsyncIterable<SetAsideEntry>;
  /**
   * By an entry's sk, or by the id it was put under, the newest one of that id.
   *
   * @throws SetAsideNotFoundError
   */
  get(kind: SetAsideKind, skOrId: string): Promise<SetAsideContent>;
}

/** Makes the set-aside store over an object store and an index. */
export function createSetAside(deps: SetAsideDeps): SetAside {
  return {
    put: (item, signal) => put(item, deps, signal),
    list: (filter) => list(filter, deps),
    inOrder: (selection) =>
      entriesInOrder((page) => deps.index.query({ ...query(selection, deps), ...page })),
    get: (kind, skOrId) => get(kind, skOrId, deps),
    ...wayBack(deps),
  };
}

async function put(item: SetAsideItem, deps: SetAsideDeps, signal?: AbortSignal): Promise<SetAsideReceipt> {
  const key = objectKey(item.kind, item.source, item.id);
  const { receivedTime, stored, charge } = await putBody(key, item, deps, signal);
  // The row comes second: a crash in between leaves an object without a row, which the next put finds and indexes.
  await Promise.all([
    deps.index.putIfAbsent(entryOf(key, receivedTime, item, deps), signal),
    ...(charge === undefined ? [] : [deps.index.settle(charge, signal)]),
  ]);
  return { key, stored };
}

interface Kept {
  readonly receivedTime: string;
  readonly stored: SetAsideReceipt['stored'];
  /** To be settled, now that the body is kept. */
  readonly charge: Charge | undefined;
}

async function putBody(
  key: string,
  item: SetAsideItem,
  deps: SetAsideDeps,
  signal?: AbortSignal,
): Promise<Kept> {
  const receivedTime = deps.now().toISOString();
  const object = { key, body: item.body, metadata: { seal: item.seal, 'received-time': receivedTime } };
  let charge: Charge | undefined;
  for (let attempt = 1; attempt <= WRITE_ATTEMPTS; attempt += 1) {
    const there = await deps.objects.head(key, signal);
    const keptSince = there?.metadata['received-time'];
    if (keptSince !== undefined && !isExpired(keptSince, deps)) {
      return { receivedTime: keptSince, stored: 'already-there', charge };
    }
    charge ??= await reserveBytes(key, item, deps, signal);
    if ((await deps.objects.put(object, there?.etag, signal)) === 'written')
      return { receivedTime, stored: 'new', charge };
  }
  throw new SetAsideContendedError(key);
}

/** An object past its retention may be deleted any moment, so it counts as gone and is written anew. */
function isExpired(receivedTime: string, deps: SetAsideDeps): boolean {
  return !(expiryOf(receivedTime, deps) > epochSeconds(deps.now()));
}

function expiryOf(receivedTime: string, deps: SetAsideDeps): number {
  return epochSeconds(new Date(receivedTime)) + deps.retentionSeconds;
}

function epochSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1_000);
}

function entryOf(key: string, receivedTime: string, item: SetAsideItem, deps: SetAsideDeps): SetAsideEntry {
  const { kind, source, reason, attempts } = item;
  const id = nameOf(item.id);
  return {
    kind,
    sk: `${receivedTime}#${id}`,
    id,
    source: indexText(source),
    reason: indexText(reason),
    state: 'OPEN',
    key,
    receivedTime,
    expiresAt: expiryOf(receivedTime, deps),
    ...optionalTexts(item),
    ...(attempts !== undefined && { attempts }),
  };
}

const OPTIONAL_TEXTS = [
  'eventId',
  'conversationId',
  'queue',
  'group',
  'sequence',
  'detail',
  'function',
  'failedAt',
] as const;

function optionalTexts(item: SetAsideItem): Partial<Pick<SetAsideEntry, (typeof OPTIONAL_TEXTS)[number]>> {
  const found = OPTIONAL_TEXTS.flatMap((name) => {
    const value = item[name];
    return value === undefined ? [] : [[name, indexText(value)] as const];
  });
  return Object.fromEntries(found);
}

function list(filter: SetAsideFilter, deps: SetAsideDeps): Promise<readonly SetAsideEntry[]> {
  const { limit = DEFAULT_LIST_LIMIT, ...selection } = filter;
  return deps.index.query({ ...query(selection, deps), order: 'newest-first', limit });
}

/** In the form in which the index has ids and texts. */
function query(selection: SetAsideSelection, { now }: SetAsideDeps) {
  const { id, conversationId } = selection;
  return {
    ...selection,
    ...(id !== undefined && { id: nameOf(id) }),
    ...(conversationId !== undefined && { conversationId: indexText(conversationId) }),
    expiresAfter: epochSeconds(now()),
  };
}

async function get(kind: SetAsideKind, skOrId: string, deps: SetAsideDeps): Promise<SetAsideContent> {
  const entry = await find(kind, skOrId, deps);
  if (entry === undefined) throw new SetAsideNotFoundError(`nothing of kind ${kind} is kept under ${skOrId}`);
  const object = await deps.objects.get(entry.key);
  if (object === undefined)
    throw new SetAsideNotFoundError(`the body of ${entry.key} is gone; its index row is left`);
  return { ...entry, body: object.body, seal: object.metadata['seal'] ?? '', metadata: object.metadata };
}

async function find(
  kind: SetAsideKind,
  skOrId: string,
  deps: SetAsideDeps,
): Promise<SetAsideEntry | undefined> {
  if (RECEIVED_TIME.test(skOrId)) return deps.index.get(kind, skOrId);
  const [newest] = await list({ kind, id: skOrId, limit: 1 }, deps);
  return newest;
}

/**
 * Takes the body's bytes from the source's budget of this UTC day, once for its key however often the put fails.
 *
 * They are not given back when a put fails: a crash or a spent deadline would skip just that step, and a put that
 * timed out may have been kept after all. A reservation that knows its key needs no second step to be right.
 */
async function reserveBytes(
  key: string,
  { source, body, capBytes }: SetAsideItem,
  { index, now }: SetAsideDeps,
  signal?: AbortSignal,
): Promise<Charge | undefined> {
  if (capBytes === undefined) return undefined;
  const charge = { budget: `usage#${nameOf(source)}#${now().toISOString().slice(0, 10)}`, key };
  const expiresAt = epochSeconds(now()) + BUDGET_RETENTION_SECONDS;
  const outcome = await index.reserve({ ...charge, bytes: body.byteLength, capBytes, expiresAt }, signal);
  if (outcome === 'full') throw new SetAsideFullError(source, capBytes);
  return charge;
}
