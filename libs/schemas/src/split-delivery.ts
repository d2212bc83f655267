import validateId from '../generated/id.js';
import { ageFault } from './age-fault.ts';
import { analyticsWebhook } from './analytics-webhook.ts';
import { cloudEvents, cloudEventsBatch } from './cloudevents.ts';
import { conversationWebhook } from './conversation-webhook.ts';
import { type Adapted, type AdaptedEvent, type DialectAdapter, isObject, type Item } from './dialect.ts';
import { sha256 } from './identity.ts';
import { cutEvent, type EventOrigin, type MadeEvent, makeEvent } from './make-event.ts';
import { openMessaging } from './open-messaging.ts';
import type { ProblemError } from './problem.ts';
import { type Dialect, DIALECTS } from './constants.ts';
import type { Source } from './source.ts';

/** Document 002 records updates of these only. */
const DEFAULT_MEDIA_TYPES = ['voice', 'chat'];

/** Everything besides the payload that decides what a delivery becomes; equal context and payload give equal ids. */
export interface SplitContext extends EventOrigin {
  readonly source: Source;
  /** The delivery id under the sender's signature, where the scheme has one. */
  readonly signedId: string | undefined;
  /** How long the ledger remembers an event. */
  readonly retentionSeconds: number;
  /** `s3://` reference of an object under this key. */
  readonly objectRef: (key: string) => string;
}

export interface SplitEvent extends MadeEvent {
  /** The item's data before its lists were cut; to be stored where the envelope's `dataref` points. */
  readonly whole?: { readonly key: string; readonly text: string };
}
export interface Split {
  readonly dialect: Dialect;
  readonly events: readonly SplitEvent[];
  /** What is wrong with each bad item. */
  readonly refused: readonly (readonly ProblemError[])[];
  readonly skipped: number;
}

const ADAPTERS: Readonly<Record<Dialect, DialectAdapter>> = {
  'analytics-webhook': analyticsWebhook,
  'conversation-webhook': conversationWebhook,
  'open-messaging': openMessaging,
  cloudevents: cloudEvents,
};

interface Recognised {
  readonly dialect: Dialect;
  readonly items: readonly Item[];
}

/** The dialect of a payload and its items, or `undefined` when it is in no dialect that the source may speak. */
export function recognise(payload: unknown, source: Source): Recognised | undefined {
  const spoken = source.dialects ?? DIALECTS;
  const batch = cloudEventsBatch(payload);
  if (batch) return spoken.includes('cloudevents') ? { dialect: 'cloudevents', items: batch } : undefined;
  if (!isObject(payload)) return undefined;
  const dialect = DIALECTS.find((known) => spoken.includes(known) && ADAPTERS[known].recognises(payload));
  return dialect && { dialect, items: ADAPTERS[dialect].items(payload) };
}

/** Makes one envelope of each good item and a reasoned refusal of each bad one. Never throws. */
export function splitDelivery({ dialect, items }: Recognised, context: SplitContext): Split {
  const mediaTypes = context.source.mediaTypes ?? DEFAULT_MEDIA_TYPES;
  const events: SplitEvent[] = [];
  const refused: (readonly ProblemError[])[] = [];
  let skipped = 0;
  for (const item of items) {
    const adapted = adaptItem(item, ADAPTERS[dialect], mediaTypes, context);
    if (adapted.outcome === 'skipped') skipped += 1;
    else if (adapted.outcome === 'refused') refused.push(adapted.errors);
    else events.push(toSplitEvent(adapted, item, context));
  }
  return { dialect, events: distinct(events), refused, skipped };
}

function adaptItem(
  item: Item,
  adapter: DialectAdapter,
  mediaTypes: readonly string[],
  context: SplitContext,
): Adapted {
  if (hasDeclaredId(item) && !validateId(item.declaredId)) {
    const message = 'must be a string of 1 to 128 characters, without control characters';
    return { outcome: 'refused', errors: [{ pointer: item.declaredIdPointer ?? item.pointer, message }] };
  }
  const adapted = adapter.adapt(item, { mediaTypes });
  if (adapted.outcome !== 'event') return adapted;
  const fault = ageFault(adapted.data.timestamp, context.receivedTime, context.retentionSeconds);
  if (!fault) return adapted;
  return { outcome: 'refused', errors: [{ pointer: `${item.pointer}/timestamp`, message: fault }] };
}

const hasDeclaredId = ({ declaredId }: Item): boolean => declaredId !== undefined && declaredId !== null;

function toSplitEvent(adapted: AdaptedEvent, item: Item, context: SplitContext): SplitEvent {
  const declared = typeof item.declaredId === 'string' ? item.declaredId : signedName(context);
  const made = makeEvent(adapted, declared, context);
  const cut = cutEvent(made);
  if (!cut) return made;
  const key = `items/${made.envelope.digest}.json`;
  return {
    envelope: { ...cut.envelope, dataref: context.objectRef(key) },
    dataText: cut.dataText,
    whole: { key, text: made.dataText },
  };
}

/** A sender's delivery id may be longer than an event id can be. */
function signedName({ signedId }: SplitContext): string | undefined {
  return signedId === undefined || validateId(signedId) ? signedId : sha256(signedId);
}

/** Items with one id and one digest are one event; those with one id and several digests are told apart by digest. */
function distinct(events: readonly SplitEvent[]): readonly SplitEvent[] {
  if (events.length < 2) return events;
  const byId = Map.groupBy(events, ({ envelope }) => envelope.id);
  if (byId.size === events.length) return events;
  return [...byId.values()].flatMap(distinctOfOneId);
}

function distinctOfOneId(sameId: readonly SplitEvent[]): readonly SplitEvent[] {
  const byDigest = new Map(sameId.map((event) => [event.envelope.digest, event]));
  if (byDigest.size === 1) return sameId.slice(0, 1);
  return [...byDigest].map(([digest, event]) => ({
    ...event,
    envelope: { ...event.envelope, id: `${event.envelope.id}~${digest.slice(0, 16)}` },
  }));
}
