import { PermanentError, type QueueEntry, sealedEntry } from '@aftercall/queue';
import {
  orgOf,
  parseJson,
  quarantinedItems,
  quarantinedWhole,
  recognise,
  sha256,
  type Source,
  type Split,
  splitDelivery,
  type StoredDeliveryEnvelope,
} from '@aftercall/schemas';
import type { SetAsideItem } from '@aftercall/set-aside';
import { type Keyring, seal } from '@aftercall/signing';
import type { Recorded } from './process-message.ts';

export interface SplitDeps {
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
 * Puts each event of a stored delivery on the queue. The children's ids follow from the delivery alone, so a crash in
 * the middle just sends them again.
 */
export async function splitStoredDelivery(
  envelope: StoredDeliveryEnvelope,
  deps: SplitDeps,
): Promise<Recorded> {
  const source = deps.sources.get(envelope.source.replace(/^genesys\//, ''));
  if (!source) throw new PermanentError('unknown-source', 'the source is no longer configured');
  const body = await fetchWhole(envelope, deps);
  const parsed = parseJson(body);
  const recognised = parsed.outcome === 'parsed' ? recognise(parsed.value, source) : undefined;
  const keyring = await deps.keyring();
  if (!recognised) {
    const message = 'is in no dialect that this source speaks';
    const kept = quarantinedWhole(originOf(envelope, source), body, [{ pointer: '', message }]);
    await quarantine(kept, 'unknown-dialect', { envelope, source, keyring }, deps);
    return { children: 0, refused: 1 };
  }
  const split = splitDelivery(recognised, {
    source,
    deliveryId: envelope.deliveryid,
    receivedTime: new Date(envelope.receivedtime),
    signedId: envelope.signedid,
    traceparent: envelope.traceparent,
    retentionSeconds: deps.retentionSeconds,
    objectRef: deps.objectRef,
  });
  if (split.refused.length > 0) {
    const kept = quarantinedItems(originOf(envelope, source), body, split.refused);
    await quarantine(kept, 'bad-item', { envelope, source, keyring }, deps);
  }
  await sendChildren(split, keyring, deps);
  return { children: split.events.length, refused: split.refused.length };
}

/** The sealed message says how long the object is and what it hashes to; anything else is not what was signed. */
async function fetchWhole(envelope: StoredDeliveryEnvelope, deps: SplitDeps): Promise<Uint8Array> {
  const body = await deps.fetchDelivery(envelope.dataref);
  if (body.length !== envelope.datalength || sha256(body) !== envelope.datasha256) {
    throw new PermanentError('effect-refused', 'the stored delivery is not the one that was sealed');
  }
  return body;
}

async function sendChildren({ events }: Split, keyring: Keyring, deps: SplitDeps): Promise<void> {
  for (const { whole } of events) {
    if (whole) await deps.storeObject(whole.key, whole.text);
  }
  await deps.enqueue(events.map(({ envelope }) => sealedEntry(envelope, keyring)));
}

interface Context {
  readonly envelope: StoredDeliveryEnvelope;
  readonly source: Source;
  readonly keyring: Keyring;
}

async function quarantine(
  body: string,
  reason: string,
  { envelope, source, keyring }: Context,
  deps: SplitDeps,
) {
  await deps.quarantine({
    kind: 'quarantine',
    id: envelope.deliveryid,
    source: source.key,
    reason,
    body: Buffer.from(body),
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
