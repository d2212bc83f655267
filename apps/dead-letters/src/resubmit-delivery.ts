import { sealedEntry, type QueueEntry } from '@aftercall/queue';
import {
  messageDeduplicationId,
  parseJson,
  type QuarantinedDelivery,
  readQuarantinedDelivery,
  recognise,
  type Source,
  splitDelivery,
  type SplitEvent,
} from '@aftercall/schemas';
import type { SetAsideContent } from '@aftercall/set-aside';
import type { Keyring } from '@aftercall/signing';
import { type PrepareDeps, type Prepared, type Refusal, refused } from './prepare-replay.ts';

interface ResubmitDeps
  extends Pick<PrepareDeps, 'eventsQueue' | 'sources' | 'retentionSeconds' | 'storeObject' | 'objectRef'> {
  readonly current: Keyring;
}

/**
 * Takes a quarantined delivery through validation once more, as if it came now but with the time at which it came. Its
 * good events go on; those that went on at the first time have their ids and are known.
 */
export async function resubmitDelivery(
  content: SetAsideContent,
  run: string,
  deps: ResubmitDeps,
): Promise<Prepared> {
  const delivery = readQuarantinedDelivery(Buffer.from(content.body).toString());
  if (delivery === undefined) return refused('bad-schema', 'it is no quarantined delivery');
  const source = deps.sources.get(delivery.source);
  if (source === undefined) return refused('unknown-source', 'its source is no longer configured');
  const parsed = parseJson(Buffer.from(delivery.body, 'base64'));
  if (parsed.outcome !== 'parsed') return refused('not-json', 'the delivery is no JSON');
  const recognised = recognise(parsed.value, source);
  if (!recognised) return refused('unknown-dialect', 'it is in no dialect that this source speaks');
  const split = splitDelivery(recognised, splitContext(delivery, source, deps));
  const rest = stillRefused(split.refused);
  if (rest && split.events.length === 0) return rest;
  for (const { whole } of split.events) if (whole) await deps.storeObject(whole.key, whole.text);
  const entries = split.events.map((event) => entryOf(event, run, deps.current));
  return { outcome: 'send', queue: deps.eventsQueue, entries, ...(rest && { rest }) };
}

const splitContext = (
  { deliveryid, receivedtime, signedid }: QuarantinedDelivery,
  source: Source,
  { retentionSeconds, objectRef }: ResubmitDeps,
) => ({
  source,
  deliveryId: deliveryid,
  receivedTime: new Date(receivedtime),
  signedId: signedid,
  traceparent: undefined,
  retentionSeconds,
  objectRef,
});

function stillRefused(items: ReturnType<typeof splitDelivery>['refused']): Refusal | undefined {
  const [first] = items.flat();
  if (first === undefined) return undefined;
  const more = items.length > 1 ? ` (and ${items.length - 1} more items)` : '';
  return refused('bad-item', `${first.pointer || '/'} ${first.message}${more}`);
}

function entryOf({ envelope, dataText }: SplitEvent, run: string, keyring: Keyring): QueueEntry {
  const entry = sealedEntry(envelope, keyring, dataText);
  return {
    ...entry,
    deduplicationId: messageDeduplicationId(envelope, run),
    attributes: { ...entry.attributes, replayrun: run },
  };
}
