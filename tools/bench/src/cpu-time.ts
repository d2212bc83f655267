/** Between two turns of the event loop; in Lambda there is one between any two deliveries, in a loop there is none. */
const CALLS_PER_TURN = 100;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * CPU time of one call in microseconds, over all threads of the process (the collector's and the compiler's too),
 * from so many calls one after the other.
 */
export async function cpuMicrosPerCall(calls: number, call: (index: number) => unknown): Promise<number> {
  const before = process.cpuUsage();
  for (let index = 0; index < calls; index += 1) {
    const result = call(index);
    if (result instanceof Promise) await result;
    if (index % CALLS_PER_TURN === 0) await turn();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

/** The same for each of several steps, each warmed up first. */
export async function cpuMicrosPerStep(
  calls: number,
  steps: Readonly<Record<string, (index: number) => unknown>>,
): Promise<Record<string, number>> {
  const micros: Record<string, number> = {};
  for (const [name, step] of Object.entries(steps)) {
    await cpuMicrosPerCall(calls, step);
    micros[name] = await cpuMicrosPerCall(calls, step);
  }
  return micros;
}

/** What a measured process prints. */
export interface CpuSample {
  /** CPU time of the whole. */
  readonly micros: number;
  /** CPU time of the app's core alone, without the translation around it. */
  readonly coreMicros?: number;
  readonly steps: Readonly<Record<string, number>>;
}
