import type { Metric } from './metric-store.ts';

/** Values of one metric at one time. */
export interface Measurement {
  readonly metric: Metric;
  readonly values: readonly number[];
  readonly atMillis: number;
}

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string }[];
}

/**
 * What a line of a function's log measures, once for each of its sets of dimensions. A line without metrics measures nothing.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(record: Readonly<Record<string, unknown>>): readonly Measurement[] {
  const header = record['_aws'] as
    | { readonly Timestamp: number; readonly CloudWatchMetrics: readonly Directive[] }
    | undefined;
  if (header === undefined) return [];
  return header.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Metrics.flatMap(({ Name }) =>
      Dimensions.map((names) => ({
        metric: {
          namespace: Namespace,
          name: Name,
          dimensions: Object.fromEntries(names.map((name) => [name, String(record[name])])),
        },
        values: [record[Name]].flat().map(Number),
        atMillis: header.Timestamp,
      })),
    ),
  );
}
