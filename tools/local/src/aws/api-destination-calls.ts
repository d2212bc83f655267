import { EgressRefusedError, EgressUnavailableError, guardedRequest } from '@aftercall/egress';
import type { GuardedAnswer } from '@aftercall/egress';
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiDestination } from './api-destinations.ts';
import type { ApiDestinationTarget, BusEvent } from './bus-target.ts';
import type { AttemptResult } from './sqs-outbox.ts';

export interface ApiDestinationCallsDeps {
  readonly find: (destinationArn: string) => ApiDestination | undefined;
  readonly now: () => Date;
  /** Ends what is under way and what waits for its turn. */
  readonly signal: AbortSignal;
}

/** Calls API destinations, none more often than its rate allows. */
export interface ApiDestinationCalls {
  readonly call: (event: BusEvent, target: ApiDestinationTarget) => Promise<AttemptResult>;
}

/** EventBridge gives a receiver no longer. */
const TIMEOUT_MILLIS = 5_000;
/** As the header `Range` asks for. */
const MAX_ANSWER_BYTES = 1_048_576;

/** Set by EventBridge, and not to be overridden. */
const FIXED_HEADERS = {
  'user-agent': 'Amazon/EventBridge/ApiDestinations',
  range: `bytes=0-${MAX_ANSWER_BYTES - 1}`,
};

/** Statuses that are tried again; besides them 5xx are. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html, "API destination error codes" */
const RETRIED = [401, 407, 409, 429];

export function createApiDestinationCalls({
  find,
  now,
  signal,
}: ApiDestinationCallsDeps): ApiDestinationCalls {
  const turns = createTurns(signal);
  return {
    call: async (event, target) => {
      const known = find(target.arn);
      if (!known) return failed('never', 'the API destination does not exist', 'NO_RESOURCE');
      await turns.take(known.arn, known.callsPerSecond);
      // A change of endpoint or credentials holds for whatever waits.
      const destination = find(target.arn) ?? known;
      const result = await attempt(event, target, destination, { now, signal });
      if (result.outcome === 'failed') turns.hold(known.arn, result.retryAfterMillis ?? 0);
      return result;
    },
  };
}

async function attempt(
  event: BusEvent,
  target: ApiDestinationTarget,
  destination: ApiDestination,
  { now, signal }: Pick<ApiDestinationCallsDeps, 'now' | 'signal'>,
): Promise<AttemptResult> {
  const hasBody = !['GET', 'HEAD'].includes(destination.method);
  try {
    const answer = await guardedRequest(
      {
        url: urlOf(event, target, destination),
        method: destination.method,
        headers: headersOf(event, target, destination),
        ...(hasBody && { body: JSON.stringify(target.input(event) ?? null) }),
        timeoutMillis: TIMEOUT_MILLIS,
        maxAnswerBytes: MAX_ANSWER_BYTES,
        signal,
      },
      { loopback: 'allowed' },
    );
    return resultOf(answer, now());
  } catch (error) {
    if (error instanceof EgressUnavailableError) return failed('later', error.message);
    if (error instanceof EgressRefusedError) return failed('never', error.message);
    return failed(signal.aborted ? 'later' : 'never', String(error));
  }
}

function resultOf({ status, headers }: GuardedAnswer, now: Date): AttemptResult {
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  const message = `the endpoint answered ${status}`;
  const retryAfterMillis = retryAfter(headers['retry-after'], now);
  const isRetried = (status >= 500 || RETRIED.includes(status)) && retryAfterMillis >= 0;
  return isRetried ? { ...failed('later', message), retryAfterMillis } : failed('never', message);
}

/** Seconds or an HTTP date. A negative number of seconds asks not to be called again. */
function retryAfter(value: string | undefined, now: Date): number {
  if (value === undefined) return 0;
  if (/^-?\d+$/.test(value.trim())) return Number(value) * 1000;
  const millis = Date.parse(value) - now.getTime();
  return Number.isNaN(millis) ? 0 : Math.max(0, millis);
}

function failed(retry: 'later' | 'never', reason: string, code = 'SDK_CLIENT_ERROR') {
  const message = `Unable to invoke ApiDestination endpoint: ${reason}`;
  return { outcome: 'failed', retry, code, message } as const;
}

function urlOf(event: BusEvent, target: ApiDestinationTarget, { endpoint, query }: ApiDestination): string {
  const url = new URL(endpoint);
  const parameters = { ...resolved(target.query, event), ...query };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.append(name, value);
  return url.href;
}

/** The connection's headers stand above the target's, whatever their case. */
function headersOf(event: BusEvent, target: ApiDestinationTarget, { headers }: ApiDestination) {
  const all = [
    { 'content-type': 'application/json; charset=utf-8' },
    resolved(target.headers, event),
    headers,
    FIXED_HEADERS,
  ];
  return Object.fromEntries(
    all.flatMap(Object.entries<string>).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

/** A path that leads nowhere gives no parameter. */
function resolved(
  readers: ApiDestinationTarget['headers'],
  event: BusEvent,
): Readonly<Record<string, string>> {
  const values = Object.entries(readers).map(([name, read]) => [name, read(event)] as const);
  return Object.fromEntries(
    values
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

interface Turn {
  readonly waiting: (() => void)[];
  perSecond: number;
  /** When the next call may begin, by the rate and by what the receiver has asked for. */
  nextMillis: number;
}

/** Who calls a destination waits for a turn: calls are evenly apart, and none makes up for those that were late. */
function createTurns(signal: AbortSignal) {
  const turns = new Map<string, Turn>();
  const release = async (turn: Turn): Promise<void> => {
    while (turn.waiting.length > 0) {
      for (let millis = turn.nextMillis; millis > performance.now(); millis = turn.nextMillis)
        await pause(millis - performance.now(), undefined, { signal }).catch(() => (turn.nextMillis = 0));
      if (!signal.aborted) turn.nextMillis = performance.now() + 1000 / turn.perSecond;
      turn.waiting.shift()?.();
    }
  };
  return {
    take: (key: string, perSecond: number): Promise<void> =>
      new Promise((resolve) => {
        const turn = turns.get(key) ?? { waiting: [], perSecond, nextMillis: 0 };
        turns.set(key, turn);
        turn.perSecond = perSecond;
        turn.waiting.push(resolve);
        if (turn.waiting.length === 1) void release(turn);
      }),
    /** Nobody calls before that: a receiver that asks to wait has asked all who call it. */
    hold: (key: string, millis: number): void => {
      const turn = turns.get(key);
      if (turn) turn.nextMillis = Math.max(turn.nextMillis, performance.now() + millis);
    },
  };
}
