/** Something that has been started and can be stopped. */
interface Closable {
  readonly close: () => Promise<void>;
}

type Started<T extends readonly (() => Promise<Closable>)[]> = {
  -readonly [K in keyof T]: Awaited<ReturnType<T[K]>>;
};

/** What has to be undone, last first, whether the start succeeded or failed half way. */
export interface Unwinding {
  readonly add: (undo: () => unknown) => void;
  /** Starts several things side by side; those that did start are stopped later even when one fails. */
  startAll<const T extends readonly (() => Promise<Closable>)[]>(starts: T): Promise<Started<T>>;
  /** Undoes everything, once; later calls wait for the first. */
  readonly run: () => Promise<void>;
}

/**
 * @param report told about each step that could not be undone; the others go on
 */
export function createUnwinding({ report }: { report: (line: string) => void }): Unwinding {
  const steps: (() => unknown)[] = [];
  let running: Promise<void> | undefined;
  const undoAll = async (): Promise<void> => {
    for (let step = steps.pop(); step; step = steps.pop()) {
      try {
        await step();
      } catch (error) {
        report(`while stopping: ${String(error)}`);
      }
    }
  };
  return {
    add: (undo) => void steps.push(undo),
    startAll: async (starts) => {
      const outcomes = await Promise.allSettled(starts.map((start) => start()));
      for (const outcome of outcomes)
        if (outcome.status === 'fulfilled') steps.push(() => outcome.value.close());
      const values = outcomes.map((outcome) => {
        if (outcome.status === 'fulfilled') return outcome.value;
        throw outcome.reason;
      });
      return values as never;
    },
    run: () => (running ??= undoAll()),
  };
}
