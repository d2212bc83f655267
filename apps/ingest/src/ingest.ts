import { type QueueEntry, sealedEntry } from '@aftercall/queue';
import {
  type Envelope,
  deliveryId,
  orgOf,
  parseJson,
  type ProblemError,
  quarantinedDelivery,
  recognise,
  sha256,
  type Source,
  splitDelivery,
  STORED_DELIVERY_TYPE,
} from '@aftercall/schemas';
import type { SetAsideItem } from '@aftercall/set-aside';
import { type Delivery, type Keyring, seal, type VerifiedDelivery } from '@aftercall/signing';
import { authenticate, type AuthenticateDeps, type SecretVersion } from './authenticate.ts';

/** Above either, a delivery is stored and queued as one message: splitting it here would not fit the sender's patience. */
const MAX_INLINE_EVENTS = 500;
const MAX_INLINE_BYTES = 900_000;

/** What `ingest` needs from the outside world. */
export interface IngestDeps extends AuthenticateDeps {
  readonly sources: ReadonlyMap<string, Source>;
  readonly retentionSeconds: number;
  sealingKeyring(signal: AbortSignal): Promise<Keyring>;
  /** Resolves once the queue holds every entry. @throws when it does not */
  enqueue(entries: readonly QueueEntry[], signal: AbortSignal): Promise<void>;
  /** Keeps bytes under a key and resolves once they are durable. */
  storeObject(key: string, body: Uint8Array | string, signal: AbortSignal): Promise<void>;
  /** `s3://` reference of a stored object. */
  objectRef(key: string): string;
  readonly quarantineDailyBytes: number;
  quarantine(item: SetAsideItem, signal: AbortSignal): Promise<unknown>;
}
type QuarantineReason = 'unreadable' | 'unknown-dialect' | 'bad-item';

/** One signed request for one source. */
export interface IngestRequest extends Delivery {
  readonly sourceKey: string;
  readonly traceparent: string;
  /** Fires when the sender's patience is spent. */
  readonly signal: AbortSignal;
}

/** What became of a delivery that its source did sign. */
type Handled =
  | {
      readonly outcome: 'accepted';
      readonly deliveryId: string;
      readonly events: number;
      readonly refused: number;
      readonly skipped: number;
    }
  | {
      readonly outcome: 'malformed';
      readonly deliveryId: string;
      readonly reason: QuarantineReason;
      readonly errors: readonly ProblemError[];
    };

export type IngestResult =
  | (Handled & { readonly secretVersion: SecretVersion })
  | { readonly outcome: 'unknown-source' }
  | { readonly outcome: 'unauthorised'; readonly reason: string }
  | { readonly outcome: 'unavailable'; readonly reason: string };

/** A verified delivery and everything known about where it came from. */
interface Received {
  readonly source: Source;
  readonly delivery: VerifiedDelivery;
  readonly id: string;
  readonly receivedTime: Date;
  readonly request: IngestRequest;
}

/**
 * Takes one signed delivery and puts its events on the queue.
 * Resolves with `accepted` only once the queue holds every good event and quarantine every bad item.
 *
 * @throws whatever an outside system threw: the sender must try again
 */
export async function ingest(request: IngestRequest, deps: IngestDeps): Promise<IngestResult> {
  const source = deps.sources.get(request.sourceKey);
  if (!source) return { outcome: 'unknown-source' };
  // A cold start reads two secrets, and neither waits for the other. Whoever needs the keyring hears of a failure.
  deps.sealingKeyring(request.signal).catch(() => undefined);
  const authentication = await authenticate(request, source, deps, request.signal);
  if (authentication.outcome === 'refused') return { outcome: 'unauthorised', reason: authentication.reason };
  if (authentication.outcome === 'unavailable') return authentication;

  const { delivery, secretVersion } = authentication;
  const id = deliveryId(source.key, delivery.body);
  const handled = await receive({ source, delivery, id, receivedTime: deps.now(), request }, deps);
  return { ...handled, secretVersion };
}

async function receive(received: Received, deps: IngestDeps): Promise<Handled> {
  const { source, delivery } = received;
  const parsed = parseJson(delivery.body);
  if (parsed.outcome === 'unreadable') {
    return refuseWhole(received, 'unreadable', [{ pointer: '', message: parsed.message }], deps);
  }
  const recognised = recognise(parsed.value, source);
  if (!recognised) {
    const message = 'is in no dialect that this source speaks';
    return refuseWhole(received, 'unknown-dialect', [{ pointer: '', message }], deps);
  }
  const { length } = recognised.items;
  if (length > MAX_INLINE_EVENTS || delivery.body.length > MAX_INLINE_BYTES)
    return store(received, length, deps);
  return split(received, recognised, deps);
}

async function split(
  received: Received,
  recognised: NonNullable<ReturnType<typeof recognise>>,
  deps: IngestDeps,
): Promise<Handled> {
  const { id, source, delivery, receivedTime, request } = received;
  const { events, refused, skipped } = splitDelivery(recognised, {
    source,
    deliveryId: id,
    receivedTime,
    signedId: delivery.signedId,
    traceparent: request.traceparent,
    retentionSeconds: deps.retentionSeconds,
    objectRef: deps.objectRef,
  });
  if (events.length === 0 && skipped === 0) {
    const errors = refused.flat();
    const empty = [{ pointer: '', message: 'holds no event' }];
    return refuseWhole(received, 'bad-item', errors.length > 0 ? errors : empty, deps);
  }
  const { signal } = request;
  const keyring = await deps.sealingKeyring(signal);
  await Promise.all([
    ...events.flatMap(({ whole }) => (whole ? [deps.storeObject(whole.key, whole.text, signal)] : [])),
    ...(refused.length > 0
      ? [quarantine(received, 'bad-item', { errors: refused.flat(), keyring }, deps)]
      : []),
  ]);
  await deps.enqueue(
    events.map(({ envelope, dataText }) => sealedEntry(envelope, keyring, dataText)),
    signal,
  );
  return { outcome: 'accepted', deliveryId: id, events: events.length, refused: refused.length, skipped };
}

/** Bytes first, then the message that points to them; both repeat without harm. */
async function store(received: Received, events: number, deps: IngestDeps): Promise<Handled> {
  const { id, source, delivery, receivedTime, request } = received;
  const key = `deliveries/${source.key}/${id}`;
  const time = receivedTime.toISOString();
  const keyring = await deps.sealingKeyring(request.signal);
  await deps.storeObject(key, delivery.body, request.signal);
  const digest = sha256(delivery.body);
  const envelope: Envelope = {
    specversion: '1.0',
    id,
    source: `genesys/${source.key}`,
    type: STORED_DELIVERY_TYPE,
    subject: id,
    time,
    org: orgOf(source),
    digest,
    deliveryid: id,
    receivedtime: time,
    traceparent: request.traceparent,
    dataref: deps.objectRef(key),
    datasha256: digest,
    datalength: delivery.body.length,
    signedid: delivery.signedId,
  };
  await deps.enqueue([sealedEntry(envelope, keyring)], request.signal);
  return { outcome: 'accepted', deliveryId: id, events, refused: 0, skipped: 0 };
}

/** An exact copy is kept before the sender hears that nothing of it could be used. */
async function refuseWhole(
  received: Received,
  reason: QuarantineReason,
  errors: readonly ProblemError[],
  deps: IngestDeps,
): Promise<Handled> {
  const keyring = await deps.sealingKeyring(received.request.signal);
  await quarantine(received, reason, { errors, keyring }, deps);
  return { outcome: 'malformed', deliveryId: received.id, reason, errors };
}

async function quarantine(
  received: Received,
  reason: QuarantineReason,
  { errors, keyring }: { readonly errors: readonly ProblemError[]; readonly keyring: Keyring },
  deps: IngestDeps,
): Promise<void> {
  const { id, source, delivery, request } = received;
  const body = Buffer.from(quarantinedDelivery(originOf(received), delivery.body, errors));
  const capBytes = deps.quarantineDailyBytes;
  await deps.quarantine(
    { kind: 'quarantine', id, source: source.key, reason, body, seal: seal(body, keyring), capBytes },
    request.signal,
  );
}

const originOf = ({ id, source, delivery, receivedTime }: Received) => ({
  source: source.key,
  org: orgOf(source),
  deliveryid: id,
  receivedtime: receivedTime.toISOString(),
  signedid: delivery.signedId,
});
