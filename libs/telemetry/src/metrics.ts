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

type Unit = 'Count' | 'Milliseconds' | 'Percent' | 'None';

interface Series {
  readonly name: MetricName;
  readonly unit: Unit;
  /** One sum for a count, the least where only that counts, else every value. */
  readonly values: readonly number[];
}

/** The series that share dimensions, by unit and name. */
interface Group {
  readonly dimensions: Dimensions;
  readonly series: Map<string, Series & { readonly values: number[] }>;
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
  const add = (metric: MetricName, unit: Unit, value: number, dimensions: Dimensions = {}) => {
    if (Number.isFinite(value)) addTo(groupOf(groups, dimensions), metric, unit, value);
  };
  return {
    count: (metric, n = 1, dimensions) => add(metric, 'Count', n, dimensions),
    millis: (metric, value, dimensions) => add(metric, 'Milliseconds', value, dimensions),
    percent: (metric, value, dimensions) => add(metric, 'Percent', value, dimensions),
    least: (metric, value, dimensions) => add(metric, 'None', value, dimensions),
    flush: () => {
      const lines = linesOf([...groups.values()]);
      groups.clear();
      for (const line of lines) write(emfLine(name, now(), line));
    },
  };
}

function groupOf(groups: Map<string, Group>, dimensions: Dimensions): Group {
  // An empty value is no dimension to CloudWatch.
  const names = Object.keys(dimensions)
    .filter((each) => dimensions[each] !== '')
    .sort();
  const key = names.map((each) => `${each}\n${dimensions[each]}`).join('\n');
  const known = groups.get(key);
  if (known !== undefined) return known;
  const group = {
    dimensions: Object.fromEntries(names.map((each) => [each, dimensions[each] ?? ''])),
    series: new Map(),
  };
  groups.set(key, group);
  return group;
}

function addTo({ series }: Group, metric: MetricName, unit: Unit, value: number): void {
  const key = `${unit} ${metric}`;
  const known = series.get(key);
  if (known === undefined) series.set(key, { name: metric, unit, values: [value] });
  else if (unit === 'Milliseconds' || unit === 'Percent') known.values.push(value);
  else known.values[0] = together(unit, known.values[0] ?? value, value);
}

function together(unit: 'Count' | 'None', before: number, value: number): number {
  return unit === 'Count' ? before + value : Math.min(before, value);
}

/** What one line says of the series of a group, or of some of them. */
interface Directive {
  readonly dimensions: Dimensions;
  readonly series: Series[];
}

/** As few lines as can be, each with at most 100 values of a series: a line is a system call, and is paid for. */
function linesOf(groups: readonly Group[]): readonly (readonly Directive[])[] {
  const lines: Directive[][] = [];
  for (const { dimensions, series } of groups) {
    for (const part of [...series.values()].flatMap(inParts)) {
      const line = lines.find((each) => each.every((directive) => getOn(directive, dimensions, part)));
      const directive = line?.find((each) => each.dimensions === dimensions);
      if (directive !== undefined) directive.series.push(part);
      else if (line !== undefined) line.push({ dimensions, series: [part] });
      else lines.push([{ dimensions, series: [part] }]);
    }
  }
  return lines;
}

/** A line has one value for each name, be it a metric's or a dimension's. */
function getOn({ dimensions, series }: Directive, others: Dimensions, { name }: Series): boolean {
  for (const each in dimensions) if ((others[each] ?? dimensions[each]) !== dimensions[each]) return false;
  return series.every((each) => each.name !== name);
}

function inParts(series: Series): readonly Series[] {
  if (series.values.length <= MAX_VALUES) return [series];
  const parts = Math.ceil(series.values.length / MAX_VALUES);
  return Array.from({ length: parts }, (_, part) => ({
    ...series,
    values: series.values.slice(part * MAX_VALUES, (part + 1) * MAX_VALUES),
  }));
}

function emfLine(name: string, now: Date, directives: readonly Directive[]): string {
  const line: Record<string, unknown> = {
    _aws: { Timestamp: now.getTime(), CloudWatchMetrics: directives.map(metricDirective) },
    Function: name,
  };
  for (const { dimensions, series } of directives) {
    Object.assign(line, dimensions);
    for (const { name: metric, unit, values } of series)
      line[metric] = unit === 'Count' || unit === 'None' ? values[0] : values;
  }
  return JSON.stringify(line);
}

function metricDirective({ dimensions, series }: Directive) {
  return {
    Namespace: 'Aftercall',
    // Beside the sum over all, one set for each dimension given: not their product, which is paid for by the set.
    Dimensions: [['Function'], ...Object.keys(dimensions).map((dimension) => ['Function', dimension])],
    Metrics: series.map(({ name, unit }) => ({ Name: name, Unit: unit })),
  };
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
