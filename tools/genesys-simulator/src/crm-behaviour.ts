/** What the CRM does with a request. */
export type CrmBehaviour =
  | { readonly behaviour: 'up' }
  /** Answers 200, but later than EventBridge waits. */
  | { readonly behaviour: 'slow'; readonly delayMillis?: number }
  /** Answers 503. */
  | { readonly behaviour: 'down' }
  /** Drops the connection without an answer. */
  | { readonly behaviour: 'unreachable' }
  /** Answers 429 with `Retry-After`. */
  | { readonly behaviour: 'throttled'; readonly retryAfterSeconds?: number }
  /** Answers 400: repeating the request is of no use. */
  | { readonly behaviour: 'rejecting' };

/** What comes of one request under a behaviour. */
export interface CrmAnswer {
  readonly status: number | 'none';
  readonly headers: Readonly<Record<string, string>>;
  readonly delayMillis: number;
}

/** Above the five seconds that EventBridge gives a receiver. */
const SLOW_MILLIS = 6_000;
const RETRY_AFTER_SECONDS = 1;

const BEHAVIOURS = ['up', 'slow', 'down', 'unreachable', 'throttled', 'rejecting'] as const;

/** The answer that a behaviour gives. */
export function crmAnswer(behaviour: CrmBehaviour): CrmAnswer {
  const answer = (status: number | 'none'): CrmAnswer => ({ status, headers: {}, delayMillis: 0 });
  switch (behaviour.behaviour) {
    case 'up':
      return answer(200);
    case 'slow':
      return { ...answer(200), delayMillis: behaviour.delayMillis ?? SLOW_MILLIS };
    case 'down':
      return answer(503);
    case 'unreachable':
      return answer('none');
    case 'throttled': {
      const seconds = behaviour.retryAfterSeconds ?? RETRY_AFTER_SECONDS;
      return { ...answer(429), headers: { 'retry-after': String(seconds) } };
    }
    case 'rejecting':
      return answer(400);
  }
}

/** @throws TypeError saying what is wanted */
export function parseBehaviour(text: string): CrmBehaviour {
  const value = parsed(text);
  const { behaviour, delayMillis, retryAfterSeconds } = value;
  const known = BEHAVIOURS.find((name) => name === behaviour);
  if (known === undefined) throw new TypeError(`{"behaviour":…} is wanted, one of ${BEHAVIOURS.join(', ')}`);
  return {
    behaviour: known,
    ...(delayMillis !== undefined && { delayMillis: wholeNumber('delayMillis', delayMillis) }),
    ...(retryAfterSeconds !== undefined && {
      retryAfterSeconds: wholeNumber('retryAfterSeconds', retryAfterSeconds),
    }),
  };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(text) as object) };
  } catch {
    return {};
  }
}

function wholeNumber(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new TypeError(`${name}: a whole number from 0 on is wanted`);
}
