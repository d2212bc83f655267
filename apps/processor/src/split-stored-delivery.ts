import { PermanentError, type QueueEntry, sealedEntry } from '@aftercall/queue';
import {
  orgOf,
  parseJson,
  type ProblemError,
  quarantinedDelivery,
  recognise,
  sha256,
  type Source,
  sourceKeyOf,
  splitDelivery,
  type SplitEvent,
  type StoredDeliveryEnvelope,
} from '@aftercall/schemas';
import type { SetAsideItem } from '@aftercall/set-aside';
import { type Keyring, seal } from '@aftercall/signing';
import type { Recorded } from './process-message.ts';

/** Sent before the clock is looked at again; about a tenth of a second. */
const CHUNK_EVENTS = 500;
/** With less than this left, the rest is for another invocation. */
export const TURN_ENDS_MILLIS = 5_000;

export interface SplitDeps {
  remainingMillis(): number;
  readonly sources: ReadonlyMap<string, Source>;
  readonly retentionSeconds: number;
  readonly quarantineDailyBytes: number;
  keyring(): Promise<Keyring>;
  /** @throws PermanentError when the reference points outside the deliveries bucket */
  fetchDelivery(ref: string): Promise<Uint8Array>;
  storeObject(key: string, body: string): Promise<void>;
  objectRef(key: string): string;
  enqueue(entries: readonly QueueEntry[]): Promise<void>;
  quarantine(item: SetAsideItem): Promise<unknown>;
}

/**
 * Puts each event of a stored delivery on the queue, in as many turns as the time of an invocation makes necessary. The
 * children's ids follow from the delivery alone, so a crash in the middle just sends them again.
 */
export async function splitStoredDelivery(
  envelope: StoredDeliveryEnvelope,
  deps: SplitDeps,
): Promise<Recorded> {
  const source = deps.sources.get(sourceKeyOf(envelope));
  if (!source) throw new PermanentError('unknown-source', 'the source is no longer configured');
  const body = await fetchWhole(envelope, deps);
  const parsed = parseJson(body);
  const recognised = parsed.outcome === 'parsed' ? recognise(parsed.value, source) : undefined;
  const context = { envelope, source, body, keyring: await deps.keyring() };
  if (!recognised) {
    const errors = [{ pointer: '', message: 'is in no dialect that this source speaks' }];
    await quarantine(errors, 'unknown-dialect', context, deps);
    return { children: 0, refused: 1 };
  }
  const { events, refused } = splitDelivery(recognised, {
    source,
    deliveryId: envelope.deliveryid,
    receivedTime: new Date(envelope.receivedtime),
    signedId: envelope.signedid,
    traceparent: envelope.traceparent,
    retentionSeconds: deps.retentionSeconds,
    objectRef: deps.objectRef,
  });
  const { sent, rest } = await sendChildren(events, context, deps);
  // Good events do not wait for a place to keep the bad ones.
  if (rest === 'sent' && refused.length > 0) await quarantine(refused.flat(), 'bad-item', context, deps);
  return { children: sent, refused: rest === 'sent' ? refused.length : 0 };
}

/** The sealed message says how long the object is and what it hashes to; anything else is not what was signed. */
async function fetchWhole(envelope: StoredDeliveryEnvelope, deps: SplitDeps): Promise<Uint8Array> {
  const body = await deps.fetchDelivery(envelope.dataref);
  if (body.length !== envelope.datalength || sha256(body) !== envelope.datasha256) {
    throw new PermanentError('effect-refused', 'the stored delivery is not the one that was sealed');
  }
  return body;
}

interface Turn {
  readonly sent: number;
  /** `queued`: another message goes on from where this turn ended. */
  readonly rest: 'sent' | 'queued';
}

async function sendChildren(events: readonly SplitEvent[], context: Context, deps: SplitDeps): Promise<Turn> {
  const { envelope, keyring } = context;
  const start = envelope.splitoffset ?? 0;
  for (let offset = start; offset < events.length; offset += CHUNK_EVENTS) {
    if (offset > start && deps.remainingMillis() < TURN_ENDS_MILLIS) {
      await deps.enqueue([sealedEntry(nextTurn(envelope, offset), keyring)]);
      return { sent: offset - start, rest: 'queued' };
    }
    await sendChunk(events.slice(offset, offset + CHUNK_EVENTS), keyring, deps);
  }
  return { sent: Math.max(0, events.length - start), rest: 'sent' };
}

async function sendChunk(events: readonly SplitEvent[], keyring: Keyring, deps: SplitDeps): Promise<void> {
  for (const { whole } of events) {
    if (whole) await deps.storeObject(whole.key, whole.text);
  }
  await deps.enqueue(events.map(({ envelope, dataText }) => sealedEntry(envelope, keyring, dataText)));
}

const nextTurn = (envelope: StoredDeliveryEnvelope, offset: number): StoredDeliveryEnvelope => ({
  ...envelope,
  id: `${envelope.deliveryid}+${offset}`,
  splitoffset: offset,
});

interface Context {
  readonly envelope: StoredDeliveryEnvelope;
  readonly source: Source;
  readonly body: Uint8Array;
  readonly keyring: Keyring;
}

async function quarantine(
  errors: readonly ProblemError[],
  reason: string,
  { envelope, source, body: whole, keyring }: Context,
  deps: SplitDeps,
): Promise<void> {
  const body = Buffer.from(quarantinedDelivery(originOf(envelope, source), whole, errors));
  await deps.quarantine({
    kind: 'quarantine',
    id: envelope.deliveryid,
    source: source.key,
    reason,
    body,
    seal: seal(body, keyring),
    capBytes: deps.quarantineDailyBytes,
  });
}

const originOf = (envelope: StoredDeliveryEnvelope, source: Source) => ({
  source: source.key,
  org: orgOf(source),
  deliveryid: envelope.deliveryid,
  receivedtime: envelope.receivedtime,
  signedid: envelope.signedid,
});
