import { PermanentError, type QueueMessage } from '@aftercall/queue';
import {
  adaptPartnerEvent,
  ageFault,
  type MadeEvent,
  makeEvent,
  parseJson,
  type PartnerEvent,
  type ProblemError,
  readPartnerEvent,
  type SourceName,
} from '@aftercall/schemas';

/** What reading an event needs from the outside world. */
export interface ReadDeps {
  /** By the name of the partner event source. */
  readonly sources: ReadonlyMap<string, SourceName>;
  /** How long the ledger remembers an event. */
  readonly retentionSeconds: number;
  traceparent(): string;
  now(): Date;
}

interface Heard {
  readonly topic: string;
  readonly source: SourceName;
}
/** What one partner event means to us. */
export type ReadEvent =
  | (Heard & { readonly outcome: 'event'; readonly made: MadeEvent })
  | (Heard & { readonly outcome: 'skipped'; readonly reason: string });

/**
 * Makes an event of ours of what EventBridge sent; categories are ids still. Everything in it follows from the
 * message, but for the trace, so that repeating it repeats the event.
 *
 * @throws PermanentError when nothing can be made of it; `detail` names places, never values
 */
export function readEvent(message: QueueMessage, deps: ReadDeps): ReadEvent {
  const event = eventIn(message.body);
  const source = deps.sources.get(event.source);
  if (!source) throw new PermanentError('unknown-source', '/source: is not configured in this stage');
  const heard = { topic: event['detail-type'], source };
  const adapted = adaptPartnerEvent(event);
  if (adapted.outcome === 'refused') throw badSchema(adapted.errors);
  if (adapted.outcome === 'skipped') return { ...heard, outcome: 'skipped', reason: adapted.reason };
  const fault = ageFault(adapted.data.timestamp, deps.now(), deps.retentionSeconds);
  if (fault) throw new PermanentError('bad-time', `/detail/eventBody/eventTime: ${fault}`);
  const made = makeEvent(adapted, event.id, {
    source,
    deliveryId: event.id,
    receivedTime: message.sentAt,
    traceparent: deps.traceparent(),
  });
  return { ...heard, outcome: 'event', made };
}

function eventIn(body: string): PartnerEvent {
  const parsed = parseJson(Buffer.from(body));
  if (parsed.outcome === 'unreadable') throw new PermanentError('bad-schema', parsed.message);
  const read = readPartnerEvent(parsed.value);
  if (read.outcome === 'refused') throw badSchema(read.errors);
  return read.event;
}

function badSchema(errors: readonly ProblemError[]): PermanentError {
  const faults = errors.filter(({ pointer }, index) => index === errors.findIndex(isAt(pointer)));
  const detail = faults.map(({ pointer, message }) => `${pointer || 'the event'}: ${message}`).join('; ');
  return new PermanentError('bad-schema', detail);
}

/** What an event is known by before it is read whole; undefined when it is none that is taken. */
export function eventNames(body: string, sources: ReadDeps['sources']) {
  const parsed = parseJson(Buffer.from(body));
  const read = parsed.outcome === 'parsed' ? readPartnerEvent(parsed.value) : undefined;
  const source = read?.outcome === 'read' ? sources.get(read.event.source) : undefined;
  return source && { source: source.key };
}

/** Of a field that may also be null, several rules say the same: the first is enough. */
const isAt =
  (place: string) =>
  ({ pointer }: ProblemError): boolean =>
    pointer === place;
