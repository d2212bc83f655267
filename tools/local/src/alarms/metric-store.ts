/** One series of CloudWatch's. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** A metric that somebody looks at, and for how long its values matter. */
export interface Watched {
  readonly metric: Metric;
  readonly windowMillis: number;
}

/** What was measured lately. */
export interface MetricStore {
  /** What nobody watches is not kept. */
  readonly put: (metric: Metric, values: readonly number[], atMillis: number) => void;
  /** The values from then on and before the end, in the order in which they came. */
  readonly values: (metric: Metric, fromMillis: number, untilMillis: number) => readonly number[];
}

interface Series {
  readonly windowMillis: number;
  readonly measured: { readonly atMillis: number; readonly values: readonly number[] }[];
}

/** Keeps each watched metric for twice its window, so that a look that comes late still sees all of it. */
export function createMetricStore(watched: readonly Watched[]): MetricStore {
  const series = new Map<string, Series>();
  for (const { metric, windowMillis } of watched) {
    const longest = Math.max(windowMillis, series.get(keyOf(metric))?.windowMillis ?? 0);
    series.set(keyOf(metric), { windowMillis: longest, measured: [] });
  }
  return {
    put: (metric, values, atMillis) => {
      const one = series.get(keyOf(metric));
      if (!one) return;
      one.measured.push({ atMillis, values });
      const isOver = ({ atMillis: then }: { readonly atMillis: number }) =>
        then < atMillis - 2 * one.windowMillis;
      const kept = one.measured.findIndex((each) => !isOver(each));
      if (kept > 0) one.measured.splice(0, kept);
    },
    values: (metric, fromMillis, untilMillis) =>
      (series.get(keyOf(metric))?.measured ?? [])
        .filter(({ atMillis }) => atMillis >= fromMillis && atMillis < untilMillis)
        .flatMap(({ values }) => values),
  };
}

const keyOf = ({ namespace, name, dimensions }: Metric): string =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
