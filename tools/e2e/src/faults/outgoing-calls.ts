import { ServiceError, networkError, timeoutError } from './service-error.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What functions depend on. */
export type Service =
  | 'sqs'
  | 'dynamodb'
  | 's3'
  | 'events'
  | 'secretsmanager'
  | 'ssm'
  | 'genesys'
  | 'transcripts';

/** One call of a function to the outside. */
export interface OutgoingCall {
  readonly app: string;
  readonly service: Service;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What may befall one call; all its tries share one fate. */
export type FaultKind =
  /** The function dies before the request leaves. */
  | 'crash-before'
  /** The function dies when the call has taken effect, before it hears of it. */
  | 'crash-after'
  /** No request arrives, and the caller waits in vain. */
  | 'request-lost'
  /** Every request takes effect, and the caller waits in vain. */
  | 'answer-lost'
  | 'throttled'
  /** Of a batch, the first entry and every third after it are refused. */
  | 'partial';

/** How a service is at a time. */
export type Weather =
  | { readonly kind: 'up' }
  | { readonly kind: 'slow'; readonly millis: number }
  /** Refuses connections. */
  | { readonly kind: 'down' };

/** Whose call it is: a container of a function. */
export interface Caller {
  readonly app: string;
  isAlive(): boolean;
  /** Ends it with everything it holds; what it still waits for never comes. */
  kill(): void;
}

/** What the caller's client is set up to. */
export interface Patience {
  readonly maxAttempts: number;
  readonly attemptMillis: number;
  readonly signal?: AbortSignal | undefined;
}

export interface OutgoingCallsDeps {
  readonly time: VirtualTime;
  readonly random: () => number;
  /** Does what the call asks for, at once. @throws ServiceError */
  readonly serve: (call: OutgoingCall) => object | Promise<object>;
  readonly faultOf: (call: OutgoingCall) => FaultKind | undefined;
  readonly weatherOf: (service: Service) => Weather;
  /** For a round trip. */
  readonly latencyMillis: () => number;
}

export type MakeCall = (caller: Caller, call: OutgoingCall, patience: Patience) => Promise<object>;

/** The one way out of a function: here every call is counted, and here it meets its fault. */
export function outgoingCalls(deps: OutgoingCallsDeps): MakeCall {
  return async (caller, call, patience) => {
    if (!caller.isAlive()) return never();
    const fault = deps.faultOf(call);
    if (fault === 'crash-before') return crash(caller);
    const attempt = () => attemptOnce({ caller, call, fault, patience }, deps);
    return withRetries(attempt, patience, { ...deps, wait: waiting(caller, patience.signal, deps) });
  };
}

/** Resolves unless the caller is gone by then; rejects when it is told to stop waiting. */
type Wait = (millis: number) => Promise<void>;

function waiting(caller: Caller, signal: AbortSignal | undefined, { time }: OutgoingCallsDeps): Wait {
  return (millis) =>
    new Promise((resolve, reject) => {
      const abort = () => reject(aborted());
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      if (millis === Infinity) return;
      time.after(millis, () => {
        signal?.removeEventListener('abort', abort);
        if (caller.isAlive()) resolve();
      });
    });
}

const aborted = (): Error => Object.assign(new Error('Request aborted'), { name: 'AbortError' });

/** Of a function that is no more. */
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

function crash<T>(caller: Caller): Promise<T> {
  caller.kill();
  return never();
}

/** As the SDK's standard mode has it, and our own calls. */
const BACKOFF_MILLIS = 100;

async function withRetries(
  attempt: () => Promise<object>,
  { maxAttempts, signal }: Patience,
  { random, wait }: OutgoingCallsDeps & { readonly wait: Wait },
): Promise<object> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (signal?.aborted || attempts >= maxAttempts || !isWorthAnotherTry(error)) throw error;
      await wait(random() * BACKOFF_MILLIS * 2 ** attempts);
    }
  }
}

const isWorthAnotherTry = (error: unknown): boolean =>
  !(error instanceof ServiceError) || error.$metadata.httpStatusCode >= 500 || error.name === THROTTLED;

const THROTTLED = 'ThrottlingException';

interface Attempt {
  readonly caller: Caller;
  readonly call: OutgoingCall;
  readonly fault: FaultKind | undefined;
  readonly patience: Patience;
}

async function attemptOnce(
  { caller, call, fault, patience }: Attempt,
  deps: OutgoingCallsDeps,
): Promise<object> {
  const { attemptMillis, signal } = patience;
  const wait = waiting(caller, signal, deps);
  const weather = deps.weatherOf(call.service);
  const latency = weather.kind === 'slow' ? weather.millis : deps.latencyMillis();
  const inVain = async () => {
    await wait(attemptMillis);
    throw timeoutError(attemptMillis);
  };
  if (fault === 'request-lost') return inVain();
  if (weather.kind === 'down' || fault === 'throttled') {
    await wait(Math.min(latency, attemptMillis));
    throw weather.kind === 'down' ? networkError('ECONNREFUSED') : new ServiceError(THROTTLED, 400);
  }
  const served = serveIn(latency / 2, fault === 'partial' ? partOf(call) : { call, complete: same }, deps);
  // Nobody may be there to hear it.
  served.catch(() => undefined);
  if (fault === 'answer-lost' || latency > attemptMillis) return inVain();
  await wait(latency / 2);
  if (fault === 'crash-after') {
    await served.catch(() => undefined);
    return crash(caller);
  }
  // The answer is on its way; the caller may be gone when it comes.
  const answer = await served;
  await wait(latency / 2);
  return answer;
}

/** The request is on its way whether or not somebody still waits for the answer. */
function serveIn(
  millis: number,
  { call, complete }: Part,
  { time, serve }: OutgoingCallsDeps,
): Promise<object> {
  return new Promise((resolve, reject) => {
    time.after(millis, () => {
      new Promise<object>((answer) => answer(serve(call))).then(
        (answer) => resolve(complete(answer)),
        reject,
      );
    });
  });
}

/** A call, or what of it is served, and what the whole is then answered. */
interface Part {
  readonly call: OutgoingCall;
  readonly complete: (answer: object) => object;
}

const same = (answer: object): object => answer;
const isRefused = (index: number): boolean => index % 3 === 0;
const PARTIAL_CODE = 'InternalFailure';

/** Operations that may succeed in part. */
const PARTIAL: Readonly<Record<string, (call: OutgoingCall) => Part>> = {
  SendMessageBatch: (call) => {
    const entries = listIn(call, 'Entries');
    const refused = entries.filter((_entry, index) => isRefused(index));
    const Failed = refused.map(({ Id }) => ({ Id, Code: PARTIAL_CODE, SenderFault: false }));
    const taken = entries.filter((_entry, index) => !isRefused(index));
    return { call: withInput(call, { Entries: taken }), complete: (answer) => ({ ...answer, Failed }) };
  },
  PutEvents: (call) => {
    const entries = listIn(call, 'Entries');
    const taken = entries.filter((_entry, index) => !isRefused(index));
    const Entries = entries.map((_entry, index) =>
      isRefused(index) ? { ErrorCode: PARTIAL_CODE } : { EventId: `event-${index}` },
    );
    return { call: withInput(call, { Entries: taken }), complete: () => ({ Entries }) };
  },
  BatchGet: (call) => {
    const requests = Object.entries(
      call.input['RequestItems'] as Record<string, { Keys: readonly object[] }>,
    );
    const part = (isLeft: boolean) =>
      Object.fromEntries(
        requests.map(([table, { Keys }]) => [
          table,
          { Keys: Keys.filter((_key, index) => isRefused(index) === isLeft) },
        ]),
      );
    return {
      call: withInput(call, { RequestItems: part(false) }),
      complete: (answer) => ({ ...answer, UnprocessedKeys: part(true) }),
    };
  },
};

/** Whether a call can succeed in part. */
export const canBePartial = ({ operation }: OutgoingCall): boolean => operation in PARTIAL;

const partOf = (call: OutgoingCall): Part => PARTIAL[call.operation]?.(call) ?? { call, complete: same };

const listIn = ({ input }: OutgoingCall, name: string) =>
  input[name] as readonly Readonly<Record<string, unknown>>[];

const withInput = (call: OutgoingCall, input: object): OutgoingCall => ({
  ...call,
  input: { ...call.input, ...input },
});
