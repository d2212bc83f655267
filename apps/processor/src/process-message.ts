import type { Claim, Ledger } from '@aftercall/idempotency';
import { isUnavailable, PermanentError, type QueueMessage, TransientError } from '@aftercall/queue';
import { type EventEnvelope, readEnvelope, type StoredDeliveryEnvelope } from '@aftercall/schemas';
import { checkSeal, type Keyring } from '@aftercall/signing';

/** A message sealed with a key we have not heard of waits this long for us to hear of it. */
const UNKNOWN_KEY_PATIENCE_SECONDS = 10 * 60;
/** A lease outlives its invocation by this, so that a slow end is not taken for a crash. */
const LEASE_MARGIN_SECONDS = 10;

/** What `processMessage` needs from the outside world. */
export interface ProcessDeps {
  readonly keyring: {
    current(): Promise<Keyring>;
    /** Asks for keys made since; rate-limited. */
    refresh(): Promise<unknown>;
  };
  readonly ledger: Ledger;
  readonly maxAttempts: number;
  remainingMillis(): number;
  now(): Date;
  /** Both have the same effect when repeated. */
  recordEvent(envelope: EventEnvelope): Promise<Recorded>;
  splitStoredDelivery(envelope: StoredDeliveryEnvelope): Promise<Recorded>;
}

export interface Recorded {
  readonly late?: boolean;
  readonly children?: number;
  readonly refused?: number;
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
  const result = await deps.ledger.claim({
    org: envelope.org,
    eventId: envelope.id,
    digest: envelope.digest,
    leaseSeconds: Math.ceil(deps.remainingMillis() / 1000) + LEASE_MARGIN_SECONDS,
  });
  switch (result.outcome) {
    case 'completed':
      return { outcome: 'duplicate', ...namesOf(envelope) };
    case 'held':
      throw new TransientError('another worker holds the claim', {
        retryAfterSeconds: Math.max(
          1,
          Math.ceil((result.leaseUntil.getTime() - deps.now().getTime()) / 1000),
        ),
      });
    case 'conflict':
      throw new PermanentError('conflict', 'the same event id was seen with other business data');
    case 'claimed':
      return work(
        envelope,
        result.claim,
        () =>
          read.outcome === 'event'
            ? deps.recordEvent(read.envelope)
            : deps.splitStoredDelivery(read.envelope),
        deps,
      );
  }
}

/** Nothing is parsed that was not written by this stage. */
async function assertSealed(message: QueueMessage, deps: ProcessDeps): Promise<void> {
  const check = async () => checkSeal(message.body, message.seal, await deps.keyring.current(), deps.now());
  let verdict = await check();
  if (verdict === 'unknown-key') {
    await deps.keyring.refresh();
    verdict = await check();
  }
  if (verdict === 'valid') return;
  const waitedSeconds = (deps.now().getTime() - message.sentAt.getTime()) / 1000;
  if (verdict === 'unknown-key' && waitedSeconds < UNKNOWN_KEY_PATIENCE_SECONDS) {
    throw new TransientError('sealed with a key that is not known yet');
  }
  throw new PermanentError('bad-seal', verdict);
}

async function work(
  envelope: AnyEnvelope,
  claim: Claim,
  effect: () => Promise<Recorded>,
  deps: ProcessDeps,
): Promise<Processed> {
  if (claim.attempts > deps.maxAttempts) {
    await deps.ledger.release(claim, { countAttempt: 'counted' });
    throw exhausted(claim, 'earlier attempts did not finish');
  }
  let recorded: Recorded;
  try {
    recorded = await effect();
  } catch (error) {
    throw await released(claim, error, deps);
  }
  await deps.ledger.complete(claim);
  return { outcome: 'processed', ...namesOf(envelope), ...recorded, attempt: claim.attempts };
}

/** Gives the claim back and says what is to become of the message. An outage downstream is no attempt of the event's. */
async function released(
  claim: Claim,
  error: unknown,
  { ledger, maxAttempts }: ProcessDeps,
): Promise<unknown> {
  const unavailable = isUnavailable(error);
  await ledger.release(claim, { countAttempt: unavailable ? 'taken-back' : 'counted' });
  if (unavailable || error instanceof PermanentError || claim.attempts < maxAttempts) return error;
  return exhausted(claim, error instanceof Error ? error.name : 'unknown', error);
}

const exhausted = (claim: Claim, detail: string, cause?: unknown): PermanentError =>
  new PermanentError('retries-exhausted', detail, { cause, attempts: claim.attempts });

const namesOf = ({ id, subject, deliveryid, source, receivedtime }: AnyEnvelope) => ({
  eventId: id,
  conversationId: subject,
  deliveryId: deliveryid,
  source,
  receivedTime: receivedtime,
});
