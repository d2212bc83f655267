import { Transform } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { Surroundings } from './function-code.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What decides what code finds around it. */
export interface SurroundingsDeps {
  readonly time: VirtualTime;
  readonly random: () => number;
  readonly environment: Readonly<Record<string, string>>;
  /** False once the container is gone: nothing that it planned happens any more. */
  readonly isAlive: () => boolean;
  readonly write: (line: string) => void;
  readonly outside: Surroundings['outside'];
  readonly fetch: typeof fetch;
}

/** A process of its own as far as code can tell: its clock, its chance and its way out are in the suite's hand. */
export function surroundings(deps: SurroundingsDeps): Surroundings {
  const { time, random, environment, write } = deps;
  const timers = virtualTimers(deps);
  return {
    ...timers,
    process: replaced(process, {
      env: environment,
      stdout: { write },
      getBuiltinModule: builtins(timers),
    }),
    Date: virtualDate(time),
    Math: replaced(Math, { random }),
    crypto: { randomUUID: () => uuid(random) },
    performance: { now: time.nowMillis },
    AbortSignal: {
      any: AbortSignal.any.bind(AbortSignal),
      timeout: timeoutSignal(timers),
      abort: AbortSignal.abort,
    },
    fetch: deps.fetch,
    outside: deps.outside,
  };
}

/** The original, but for these properties. */
const replaced = <T extends object>(original: T, changes: Readonly<Record<string, unknown>>): T =>
  Object.create(
    original,
    Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, { value }])),
  ) as T;

type Timers = Pick<Surroundings, 'setTimeout' | 'clearTimeout' | 'setImmediate'>;

function virtualTimers({ time, isAlive }: Pick<SurroundingsDeps, 'time' | 'isAlive'>): Timers {
  const start: Timers['setTimeout'] = (run, millis = 0, ...args) => {
    const cancel = time.after(millis, () => {
      if (isAlive()) run(...args);
    });
    const timer = { cancel, ref: () => timer, unref: () => timer, hasRef: () => true };
    return timer;
  };
  return {
    setTimeout: start,
    clearTimeout: (timer) => (timer as { readonly cancel?: () => void } | undefined)?.cancel?.(),
    setImmediate: (run) => start(run),
  };
}

/** Node's promises of timers, in virtual time. */
function timerPromises({ setTimeout: start, clearTimeout: clear }: Timers) {
  const wait = (millis: number, value?: unknown, { signal }: { signal?: AbortSignal } = {}) =>
    new Promise((resolve, reject) => {
      const abort = () => {
        clear(timer);
        reject(
          Object.assign(new Error('The operation was aborted'), { name: 'AbortError', code: 'ABORT_ERR' }),
        );
      };
      const timer = start(() => {
        signal?.removeEventListener('abort', abort);
        resolve(value);
      }, millis);
      if (signal?.aborted) abort();
      signal?.addEventListener('abort', abort, { once: true });
    });
  return { setTimeout: wait, setImmediate: (value?: unknown) => wait(0, value) };
}

/** Compression runs on threads of the machine, whose time is not ours. */
const gzipInOneGo = () => {
  const chunks: Uint8Array[] = [];
  return new Transform({
    transform: (chunk: Uint8Array, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
    flush: (done) => done(null, gzipSync(Buffer.concat(chunks))),
  });
};

function builtins(timers: Timers): (name: string) => unknown {
  const ours: Readonly<Record<string, object>> = {
    'node:timers/promises': timerPromises(timers),
    'node:zlib': { ...process.getBuiltinModule('node:zlib'), createGzip: gzipInOneGo },
  };
  return (name) => ours[name] ?? process.getBuiltinModule(name);
}

function virtualDate(time: VirtualTime): DateConstructor {
  return new Proxy(Date, {
    construct: (target, args: unknown[], made: NewableFunction) =>
      Reflect.construct(target, args.length > 0 ? args : [time.nowMillis()], made) as Date,
    get: (target, name): unknown => (String(name) === 'now' ? time.nowMillis : Reflect.get(target, name)),
  });
}

const timeoutSignal =
  ({ setTimeout: start }: Timers) =>
  (millis: number): AbortSignal => {
    const controller = new AbortController();
    start(() => controller.abort(new DOMException('The operation timed out', 'TimeoutError')), millis);
    return controller.signal;
  };

const uuid = (random: () => number): string =>
  'xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx'.replace(/x/g, () => Math.floor(random() * 16).toString(16));
