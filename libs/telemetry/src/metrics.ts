/** Every metric there is; alarms and dashboards know them by these names. */
export type MetricName =
  | 'Accepted'
  | 'Rejected'
  | 'AckLatency'
  | 'Duplicates'
  | 'Stale'
  | 'Conflicts'
  | 'Quarantined'
  | 'DeadLettered'
  | 'Processed'
  | 'ProcessLatency'
  | 'EndToEndLatency'
  | 'QueueAge'
  | 'CircuitState'
  | 'Held'
  | 'Archived'
  | 'Replayed'
  | 'PossiblyRepeated'
  | 'TokenRequests'
  | 'RateLimitRemaining'
  | 'TranscriptBytes'
  | 'TranscriptWait'
  | 'LakeRows'
  | 'LakeFiles'
  | 'Routed'
  | 'Completeness';

/** What a number is about besides the function: `Source`, `Reason` or `Queue`. */
export type Dimensions = Readonly<Record<string, string>>;

/** Numbers collected during one invocation. */
export interface Metrics {
  /** Adds to a count, 1 unless given. */
  count(name: MetricName, n?: number, dimensions?: Dimensions): void;
  /** Notes one duration in milliseconds; each one counts in a percentile. */
  millis(name: MetricName, value: number, dimensions?: Dimensions): void;
  /** Notes one share, 0 to 100. */
  percent(name: MetricName, value: number, dimensions?: Dimensions): void;
  /** Notes how much is left of something; only the least of an invocation says anything. */
  least(name: MetricName, value: number, dimensions?: Dimensions): void;
  /** Writes what was collected and starts anew; once at the end of an invocation. */
  flush(): void;
}

/** How metrics are set up. */
export interface MetricsOptions {
  /** The name of the function, the dimension of every metric. */
  readonly function: string;
  /** Takes one line without its line feed; standard output unless given. */
  readonly write?: (line: string) => void;
  readonly now: () => Date;
}

interface Series {
  readonly name: MetricName;
  readonly unit: 'Count' | 'Milliseconds' | 'Percent' | 'None';
  /** One sum for a count, the least where only that counts, else every value. */
  readonly values: readonly number[];
}

/** The series that share dimensions, by unit and name. */
interface Group {
  readonly dimensions: Dimensions;
  readonly series: Map<string, Series>;
}

/** The most values that one metric may have in one line. */
const MAX_VALUES = 100;

/**
 * Metrics as CloudWatch's embedded metric format: lines of log that CloudWatch counts, without a call.
 * A number that is not finite is left out, because it would void its whole line.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function createMetrics({ function: name, write = writeLine, now }: MetricsOptions): Metrics {
  const groups = new Map<string, Group>();
  const add = (series: Series, dimensions: Dimensions = {}) => {
    if (series.values.every(Number.isFinite)) addTo(groupOf(groups, dimensions).series, series);
  };
  return {
    count: (metric, n = 1, dimensions) => add({ name: metric, unit: 'Count', values: [n] }, dimensions),
    millis: (metric, value, dimensions) =>
      add({ name: metric, unit: 'Milliseconds', values: [value] }, dimensions),
    percent: (metric, value, dimensions) =>
      add({ name: metric, unit: 'Percent', values: [value] }, dimensions),
    least: (metric, value, dimensions) => add({ name: metric, unit: 'None', values: [value] }, dimensions),
    flush: () => {
      const collected = [...groups.values()];
      groups.clear();
      for (const group of collected) {
        for (const series of linesOf(group)) write(emfLine(name, now(), group.dimensions, series));
      }
    },
  };
}

function groupOf(groups: Map<string, Group>, dimensions: Dimensions): Group {
  // An empty value is no dimension to CloudWatch.
  const given = Object.entries(dimensions)
    .filter(([, value]) => value !== '')
    .sort();
  const key = JSON.stringify(given);
  const group = groups.get(key) ?? { dimensions: Object.fromEntries(given), series: new Map() };
  groups.set(key, group);
  return group;
}

function addTo(collected: Map<string, Series>, series: Series): void {
  const key = `${series.unit} ${series.name}`;
  const before = collected.get(key)?.values ?? [];
  collected.set(key, { ...series, values: together(series.unit, [...before, ...series.values]) });
}

function together(unit: Series['unit'], values: readonly number[]): readonly number[] {
  switch (unit) {
    case 'Count':
      return [values.reduce((sum, value) => sum + value, 0)];
    case 'None':
      return [Math.min(...values)];
    case 'Milliseconds':
    case 'Percent':
      return values;
  }
}

/** The series of a group, line by line: at most 100 values of each, and no name twice in one line. */
function linesOf({ series }: Group): readonly (readonly Series[])[] {
  const lines: Series[][] = [];
  for (const part of [...series.values()].flatMap(inParts)) {
    const line = lines.find((each) => each.every(({ name }) => name !== part.name));
    if (line === undefined) lines.push([part]);
    else line.push(part);
  }
  return lines;
}

function inParts(series: Series): readonly Series[] {
  if (series.values.length <= MAX_VALUES) return [series];
  const parts = Math.ceil(series.values.length / MAX_VALUES);
  return Array.from({ length: parts }, (_, part) => ({
    ...series,
    values: series.values.slice(part * MAX_VALUES, (part + 1) * MAX_VALUES),
  }));
}

function emfLine(name: string, now: Date, dimensions: Dimensions, series: readonly Series[]): string {
  // Beside the sum over all, one set for each dimension given: not their product, which is paid for by the set.
  const sets = [['Function'], ...Object.keys(dimensions).map((dimension) => ['Function', dimension])];
  const metrics = series.map(({ name: metric, unit }) => ({ Name: metric, Unit: unit }));
  const values = series.map(({ name: metric, unit, values: all }) => [
    metric,
    unit === 'Count' || unit === 'None' ? all[0] : all,
  ]);
  return JSON.stringify({
    _aws: {
      Timestamp: now.getTime(),
      CloudWatchMetrics: [{ Namespace: 'Aftercall', Dimensions: sets, Metrics: metrics }],
    },
    ...dimensions,
    Function: name,
    ...Object.fromEntries(values),
  });
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
