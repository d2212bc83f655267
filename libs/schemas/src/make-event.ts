import { TRANSCRIPT_READY_TYPE } from './constants.ts';
import type { AdaptedEvent } from './dialect.ts';
import type { EventEnvelope } from './envelope.ts';
import { eventId, sha256 } from './identity.ts';
import { isOutcome } from './is-outcome.ts';
import { orgOf, type SourceName } from './org-of.ts';
import { truncateOutcome } from './truncate-outcome.ts';

/** Leaves room for the envelope in the 256 KB that EventBridge and older queues take. */
const MAX_DATA_BYTES = 200 * 1024;

/** Where an event came from, and how. */
export interface EventOrigin {
  readonly source: SourceName;
  readonly deliveryId: string;
  readonly receivedTime: Date;
  readonly traceparent: string | undefined;
}

export interface MadeEvent {
  readonly envelope: EventEnvelope;
  /** JSON text of the envelope's data. */
  readonly dataText: string;
}

/** Gives an event its envelope, and with it its id and digest. Equal data, origin and declared id give equal ids. */
export function makeEvent(
  adapted: AdaptedEvent,
  declaredId: string | undefined,
  origin: EventOrigin,
): MadeEvent {
  const source = `genesys/${origin.source.key}`;
  const { conversationId, communicationId, timestamp } = adapted.data;
  const dataText = JSON.stringify(adapted.data);
  const time = new Date(timestamp).toISOString();
  const parts = {
    source,
    type: adapted.type,
    time,
    conversationId,
    communicationId,
    canonicalData: dataText,
  };
  const attributes = {
    specversion: '1.0',
    id: eventId(declaredId, parts),
    source,
    subject: conversationId,
    time,
    datacontenttype: 'application/json',
    org: orgOf(origin.source),
    digest: sha256(dataText),
    deliveryid: origin.deliveryId,
    receivedtime: origin.receivedTime.toISOString(),
    traceparent: origin.traceparent,
  } as const;
  return { envelope: withData(attributes, adapted), dataText };
}

function withData(
  attributes: Omit<EventEnvelope, 'dataschema' | 'type' | 'data'>,
  adapted: AdaptedEvent,
): EventEnvelope {
  if (isOutcome(adapted)) {
    const { type, data } = adapted;
    return { ...attributes, dataschema: 'aftercall:analytics-outcome:1', type, data };
  }
  if (adapted.type === TRANSCRIPT_READY_TYPE) {
    const { type, data } = adapted;
    return { ...attributes, dataschema: 'aftercall:transcript-ready:1', type, data };
  }
  const { type, data } = adapted;
  return { ...attributes, dataschema: 'aftercall:conversation-event:1', type, data };
}

/** The event with its lists cut to what a message takes, or undefined when it fits as it is. */
export function cutEvent({ envelope, dataText }: MadeEvent): MadeEvent | undefined {
  if (!isOutcome(envelope)) return undefined;
  if (dataText.length <= MAX_DATA_BYTES / 4 || Buffer.byteLength(dataText) <= MAX_DATA_BYTES)
    return undefined;
  const data = truncateOutcome(envelope.data, MAX_DATA_BYTES);
  return { envelope: { ...envelope, data }, dataText: JSON.stringify(data) };
}
