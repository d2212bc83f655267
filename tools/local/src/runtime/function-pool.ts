import { MAX_PAYLOAD_BYTES } from './execution-environment.ts';
import type { ExecutionEnvironment, InvokeResult } from './execution-environment.ts';

export interface PoolDeps {
  readonly startEnvironment: () => ExecutionEnvironment;
  readonly newRequestId: () => string;
  /** Above it an invocation is throttled; `undefined`: it waits for one of `DEFAULT_ENVIRONMENTS`. */
  readonly reservedConcurrency: number | undefined;
}

/** A function that can be called: as many execution environments as there are calls at one time. */
export interface FunctionPool {
  /** @param event JSON text */
  readonly invoke: (event: string) => Promise<InvokeResult>;
  /** How many calls can run at one time. */
  readonly concurrency: number;
  /** Starts one environment ahead of the first call. @returns why the code did not load */
  readonly warm: () => Promise<string | undefined>;
  /** Lets go of all environments: idle ones now, busy ones after their call. The next call loads the code anew. */
  readonly recycle: () => void;
  /** Of each environment. */
  readonly heapBytes: () => Promise<readonly number[]>;
  readonly stop: () => Promise<void>;
}

/** A laptop has few cores: where AWS would start a thousand environments, calls wait for one of these. */
const DEFAULT_ENVIRONMENTS = 8;

/** Keeps environments warm and gives each one call at a time. */
export function createFunctionPool(deps: PoolDeps): FunctionPool {
  const concurrency = deps.reservedConcurrency ?? DEFAULT_ENVIRONMENTS;
  const all = new Set<ExecutionEnvironment>();
  const waiting: (() => void)[] = [];
  let idle: ExecutionEnvironment[] = [];
  let outdated = new WeakSet<ExecutionEnvironment>();
  let busy = 0;
  let stopped = false;

  const start = (): ExecutionEnvironment => {
    const environment = deps.startEnvironment();
    all.add(environment);
    return environment;
  };
  const letGo = (environment: ExecutionEnvironment): void => {
    all.delete(environment);
    void environment.terminate();
  };
  const giveBack = (environment: ExecutionEnvironment): void => {
    if (stopped || outdated.has(environment) || !environment.isAlive()) letGo(environment);
    else idle.push(environment);
  };
  const takeTurn = async (): Promise<void> => {
    if (busy >= concurrency) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy += 1;
  };
  /** The turn goes straight to who waits longest. */
  const endTurn = (): void => {
    const next = waiting.shift();
    if (next) next();
    else busy -= 1;
  };
  const run = async (event: string): Promise<InvokeResult> => {
    if (stopped) return { outcome: 'throttled' };
    const environment = idle.pop() ?? start();
    try {
      const loaded = await environment.ready;
      if (loaded.outcome === 'failed') return loaded;
      return await environment.invoke({ requestId: deps.newRequestId(), event });
    } finally {
      giveBack(environment);
    }
  };

  return {
    concurrency,
    invoke: async (event) => {
      if (Buffer.byteLength(event) > MAX_PAYLOAD_BYTES) return { outcome: 'too-large' };
      if (deps.reservedConcurrency !== undefined && busy >= concurrency) return { outcome: 'throttled' };
      await takeTurn();
      try {
        return await run(event);
      } finally {
        endTurn();
      }
    },
    warm: async () => {
      const environment = start();
      const loaded = await environment.ready;
      giveBack(environment);
      return loaded.outcome === 'failed' ? loaded.message : undefined;
    },
    recycle: () => {
      outdated = new WeakSet(all);
      const leaving = idle;
      idle = [];
      leaving.forEach(letGo);
    },
    heapBytes: () => Promise.all([...all].map((environment) => environment.heapBytes())),
    stop: async () => {
      stopped = true;
      waiting.splice(0).forEach((proceed) => proceed());
      await Promise.all([...all].map((environment) => environment.terminate()));
      all.clear();
    },
  };
}
