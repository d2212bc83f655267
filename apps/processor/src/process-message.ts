import type { Claim, CountAttempt, Ledger } from '@aftercall/idempotency';
import { isUnavailable, PermanentError, type QueueMessage, TransientError } from '@aftercall/queue';
import {
  type EventEnvelope,
  readEnvelope,
  sourceKeyOf,
  type StoredDeliveryEnvelope,
} from '@aftercall/schemas';
import { checkSeal, type Keyring } from '@aftercall/signing';

/** A message sealed with a key we have not heard of waits this long for us to hear of it. */
const UNKNOWN_KEY_PATIENCE_SECONDS = 10 * 60;
/** A lease outlives its invocation by this, so that a slow end is not taken for a crash. */
const LEASE_MARGIN_SECONDS = 10;

/** Left for the release and for handing the message back. */
const RESERVE_MILLIS = 2_000;

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
            : deps.splitStoredDelivery(read.envelope, deps.remainingMillis),
        deps,
      );
  }
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

async function work(
  envelope: AnyEnvelope,
  claim: Claim,
  effect: () => Promise<Recorded>,
  deps: ProcessDeps,
): Promise<Processed> {
  if (claim.attempts > deps.maxAttempts) {
    throw await afterRelease(claim, 'forgotten', exhausted(claim, 'earlier attempts did not finish'), deps);
  }
  let recorded: Recorded;
  try {
    recorded = await inTime(effect(), deps.remainingMillis() - RESERVE_MILLIS);
  } catch (error) {
    throw await released(claim, error, deps);
  }
  await completed(claim, deps);
  return { outcome: 'processed', ...namesOf(envelope), ...recorded, attempt: claim.attempts };
}

/** A function that is killed cannot take its attempt back, so a downstream that hangs is given up before that. */
async function inTime<T>(effect: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TimeoutError()), milliseconds).unref();
  });
  try {
    return await Promise.race([effect, over]);
  } finally {
    clearTimeout(timer);
  }
}

class TimeoutError extends Error {
  override readonly name = 'TimeoutError';

  constructor() {
    super('the effect took too long');
  }
}

/** The effect is there; that the ledger cannot say so now is no failure of the event's. */
async function completed(claim: Claim, deps: ProcessDeps): Promise<void> {
  try {
    await deps.ledger.complete(claim);
  } catch (error) {
    throw await released(claim, error, deps);
  }
}

/** Gives the claim back and says what is to become of the message. An outage downstream is no attempt of the event's. */
async function released(claim: Claim, error: unknown, deps: ProcessDeps): Promise<unknown> {
  if (isUnavailable(error)) return afterRelease(claim, 'taken-back', error, deps);
  if (error instanceof PermanentError) {
    const { reason, detail, cause } = error;
    const counted = new PermanentError(reason, detail, { cause, attempts: claim.attempts });
    return afterRelease(claim, 'forgotten', counted, deps);
  }
  if (claim.attempts < deps.maxAttempts) return afterRelease(claim, 'counted', error, deps);
  return afterRelease(claim, 'forgotten', exhausted(claim, nameOf(error), error), deps);
}

/** A release that fails must not hide why the work failed; the lease then runs out by itself. */
async function afterRelease(
  claim: Claim,
  countAttempt: CountAttempt,
  error: unknown,
  { ledger }: ProcessDeps,
): Promise<unknown> {
  try {
    await ledger.release(claim, { countAttempt });
    return error;
  } catch (cause) {
    // Nothing may be given up while the ledger does not know of it: it would come back as a finished third attempt.
    return error instanceof PermanentError ? cause : error;
  }
}

/** What may be said of an error without what it says: SDK messages can quote values. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');

const exhausted = (claim: Claim, detail: string, cause?: unknown): PermanentError =>
  new PermanentError('retries-exhausted', detail, { cause, attempts: claim.attempts });

/** What a line of log calls the event by. */
export const namesOf = ({ id, subject, deliveryid, source, receivedtime }: AnyEnvelope) => ({
  eventId: id,
  conversationId: subject,
  deliveryId: deliveryid,
  source: sourceKeyOf({ source }),
  receivedTime: receivedtime,
});
