import { type Clock, fullJitter, networkFault, retryAfterSeconds, type TokenSource } from '@aftercall/oauth';
import { type CallBudget, withinMillis } from './call-budget.ts';
import { exchange, type PlatformRequest, type Received } from './http-exchange.ts';
import { type Attempt, judged, type PlatformAnswer, refusal } from './judged-answer.ts';
import { type Operation, OPERATIONS } from './operations.ts';
import { GenesysAnswerError, GenesysRefusedError, GenesysUnavailableError } from './platform-errors.ts';
import { rateLimits } from './rate-limits.ts';
import type { RequestPacer, Turn } from './request-pacer.ts';

/** What requests need from the outside world. */
export interface RequestDeps {
  /** From `apiBaseUrl`. */
  readonly baseUrl: string;
  readonly tokens: TokenSource;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** From 0 up to 1. */
  random(): number;
  /** Called with what is left of the rate limit, at every answer that says so. */
  onRateLimitRemaining(remaining: number): void;
  /** For a circuit: each call as a whole, its attempts included, goes through it. */
  readonly watch?: <Args extends readonly unknown[], T>(
    call: (...args: Args) => Promise<T>,
  ) => (...args: Args) => Promise<T>;
}

type PacedDeps = RequestDeps & { readonly pacer: RequestPacer };

/** Five attempts under full jitter take up to 7.5 s; who has more time comes again by its queue. */
const MAX_ATTEMPTS = 5;
const BACKOFF_MILLIS = { base: 500, max: 10_000 };
/** Analytics queries over a long interval are slow; nothing else takes a second. */
const ATTEMPT_MILLIS = 20_000;

/**
 * Makes one call: paced, with a bearer token, and again while that may help and there is time. Every call that we
 * make may be repeated: a details job that was made twice ends by itself.
 *
 * @throws GenesysUnavailableError
 * @throws GenesysRefusedError
 * @throws GenesysAnswerError
 * @throws TokenRefusedError and TokenUnavailableError of `@aftercall/oauth`
 */
export async function platformRequest(
  request: PlatformRequest,
  budget: CallBudget,
  deps: PacedDeps,
): Promise<PlatformAnswer> {
  const url = urlOf(request, deps.baseUrl);
  let hasDropped = false;
  for (let attempt = 1; ; attempt += 1) {
    const result = await attemptOnce(url, request, budget, deps);
    if (result.outcome === 'answered') return result.answer;
    if (result.outcome === 'unauthorized') {
      if (hasDropped) throw refusal(result.call);
      hasDropped = true;
      deps.tokens.drop(result.token);
    } else {
      if (attempt >= MAX_ATTEMPTS) throw result.error;
      if (result.outcome === 'failed') await waitBefore(attempt, result.error, budget, deps);
    }
  }
}

/** @throws GenesysRefusedError for an id that would lead to another resource */
function urlOf({ operation, ids = [], query = {} }: PlatformRequest, baseUrl: string): string {
  const { path }: Operation = OPERATIONS[operation];
  const left = [...ids];
  const filled = path.replaceAll('{}', () => {
    const id = left.shift() ?? '';
    // In a path these are steps and not names.
    if (id === '' || id === '.' || id === '..' || !id.isWellFormed())
      throw new GenesysRefusedError({ operation }, 'was given an id that is none');
    return encodeURIComponent(id);
  });
  const search = new URLSearchParams(query).toString();
  return `${baseUrl}${filled}${search === '' ? '' : `?${search}`}`;
}

async function attemptOnce(
  url: string,
  request: PlatformRequest,
  budget: CallBudget,
  deps: PacedDeps,
): Promise<Attempt> {
  const { operation } = request;
  const turn = await deps.pacer.turn(budget);
  if (turn.outcome === 'too-long') {
    const seconds = Math.ceil(turn.waitMillis / 1000);
    throw new GenesysUnavailableError({ operation }, 'has no time to wait for the rate limit', seconds);
  }
  const exchanged = await tokenAndExchange(url, request, budget, deps).catch((error: unknown) => {
    turn.failed();
    throw error;
  });
  if (exchanged.outcome === 'failed') {
    turn.failed();
    return exchanged;
  }
  settleTurn(turn, exchanged.received, deps);
  return judged(operation, exchanged.received, exchanged.token);
}

function settleTurn(turn: Turn, { status, headers }: Received, deps: PacedDeps): void {
  const limits = rateLimits(headers);
  if (Number.isFinite(limits.remaining)) deps.onRateLimitRemaining(limits.remaining);
  if (status !== 429) return turn.answered(limits);
  const seconds = retryAfterSeconds(headers);
  const statedMillis = seconds === undefined ? limits.resetMillis : seconds * 1000;
  turn.throttled(statedMillis ?? fullJitter(2, BACKOFF_MILLIS, deps.random));
}

type Exchanged =
  | { readonly outcome: 'received'; readonly received: Received; readonly token: string }
  | { readonly outcome: 'failed'; readonly error: GenesysUnavailableError };

/** One time-out is for both: a token may have to be waited for as well. */
async function tokenAndExchange(
  url: string,
  request: PlatformRequest,
  { remainingMillis, signal: callers }: CallBudget,
  deps: PacedDeps,
): Promise<Exchanged> {
  const { operation } = request;
  const millis = Math.min(ATTEMPT_MILLIS, remainingMillis());
  if (millis <= 0) throw new GenesysUnavailableError({ operation }, 'has no time left');
  let token: string | undefined;
  try {
    return await withinMillis(millis, callers, async (signal) => {
      token = await deps.tokens.token(signal);
      const received = await exchange(url, token, request, signal, deps.fetch);
      return { outcome: 'received', received, token };
    });
  } catch (error) {
    callers?.throwIfAborted();
    const fault = networkFault(error);
    // What the token source says, but for our own time-out, and an answer that was there, are to be heard as they are.
    const isSaid = token === undefined ? fault !== 'TimeoutError' : error instanceof GenesysAnswerError;
    if (isSaid) throw error;
    return {
      outcome: 'failed',
      error: new GenesysUnavailableError({ operation }, `got no answer: ${fault}`),
    };
  }
}

async function waitBefore(
  attempt: number,
  error: GenesysUnavailableError,
  budget: CallBudget,
  { clock, random }: PacedDeps,
): Promise<void> {
  const statedSeconds = error.retryAfterSeconds;
  const waitMillis =
    statedSeconds === undefined ? fullJitter(attempt, BACKOFF_MILLIS, random) : statedSeconds * 1000;
  if (waitMillis >= budget.remainingMillis()) throw error;
  await clock.sleep(waitMillis, budget.signal).catch((reason: unknown) => {
    budget.signal?.throwIfAborted();
    throw reason;
  });
}
