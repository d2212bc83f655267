import type { Ledger } from '@aftercall/idempotency';
import { isUnavailable, PermanentError, type QueueMessage, TransientError, workOnce } from '@aftercall/queue';
import {
  type EventEnvelope,
  readEnvelope,
  sourceKeyOf,
  type StoredDeliveryEnvelope,
} from '@aftercall/schemas';
import { checkSeal, type Keyring } from '@aftercall/signing';

/** A message sealed with a key we have not heard of waits this long for us to hear of it. */
const UNKNOWN_KEY_PATIENCE_SECONDS = 10 * 60;

/** What `processMessage` needs from the outside world. */
export interface ProcessDeps {
  readonly keyring: {
    current(): Promise<Keyring>;
    /** Asks for keys made since; rate-limited. */
    refresh(): Promise<'refreshed' | 'too-soon' | 'unavailable'>;
  };
  readonly ledger: Ledger;
  readonly maxAttempts: number;
  remainingMillis(): number;
  now(): Date;
  /** Both have the same effect when repeated. */
  recordEvent(envelope: EventEnvelope): Promise<Recorded>;
  splitStoredDelivery(envelope: StoredDeliveryEnvelope, remainingMillis: () => number): Promise<Recorded>;
}

export interface Recorded {
  readonly late?: boolean;
  readonly children?: number;
  readonly refused?: number;
  /** That its fact tells QA teams of. */
  readonly violations?: number;
}

export interface Processed extends Recorded {
  readonly outcome: 'processed' | 'duplicate';
  readonly eventId: string;
  readonly conversationId: string;
  readonly deliveryId: string;
  readonly source: string;
  readonly attempt?: number;
  readonly receivedTime: string;
}

type AnyEnvelope = EventEnvelope | StoredDeliveryEnvelope;

/**
 * Gives one message of `events.fifo` its one effect: seal → schema → claim → effect → complete.
 *
 * @throws PermanentError for the dead-letter queue; anything else means: again later
 */
export async function processMessage(message: QueueMessage, deps: ProcessDeps): Promise<Processed> {
  await assertSealed(message, deps);
  const read = readEnvelope(message.body);
  if (read.outcome === 'refused') throw new PermanentError(read.reason, read.detail);
  const { envelope } = read;
  const effect = () =>
    read.outcome === 'event'
      ? deps.recordEvent(read.envelope)
      : deps.splitStoredDelivery(read.envelope, deps.remainingMillis);
  const { org, id: eventId, digest } = envelope;
  const { replayRun } = message;
  const event = { org, eventId, digest, ...(replayRun !== undefined && { replayRun }) };
  const worked = await workOnce(event, effect, { ...deps, isOutage: isUnavailable });
  if (worked.outcome === 'duplicate') return { outcome: 'duplicate', ...namesOf(envelope) };
  return { outcome: 'processed', ...namesOf(envelope), ...worked.value, attempt: worked.attempt };
}

/** Nothing is parsed that was not written by this stage. */
async function assertSealed(message: QueueMessage, deps: ProcessDeps): Promise<void> {
  const check = async () => checkSeal(message.body, message.seal, await deps.keyring.current(), deps.now());
  let verdict = await check();
  const refresh = verdict === 'unknown-key' ? await deps.keyring.refresh() : undefined;
  if (refresh === 'refreshed') verdict = await check();
  if (verdict === 'valid') return;
  if (refresh === 'unavailable') throw new TransientError('the keyring cannot be refreshed');
  const waitedSeconds = (deps.now().getTime() - message.sentAt.getTime()) / 1000;
  if (verdict === 'unknown-key' && waitedSeconds < UNKNOWN_KEY_PATIENCE_SECONDS) {
    throw new TransientError('sealed with a key that is not known yet');
  }
  throw new PermanentError('bad-seal', verdict);
}

/** What a line of log calls the event by. */
export const namesOf = ({ id, subject, deliveryid, source, receivedtime }: AnyEnvelope) => ({
  eventId: id,
  conversationId: subject,
  deliveryId: deliveryid,
  source: sourceKeyOf({ source }),
  receivedTime: receivedtime,
});
