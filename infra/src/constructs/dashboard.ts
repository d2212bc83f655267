import type { MetricName } from '@aftercall/telemetry';
import { CloudwatchDashboard } from '@cdktn/provider-aws/lib/cloudwatch-dashboard/index.js';
import type { Construct } from 'constructs';
import { names } from '../names.ts';
import { stageOf } from './stage-of.ts';

/** A metric as a dashboard shows it: a line for each value of the dimensions. */
interface Graph {
  readonly title: string;
  readonly metric: MetricName;
  /** The dimensions by whose values there are lines, `Function` among them. */
  readonly by: readonly ['Function', ...('Source' | 'Reason' | 'Queue' | 'Downstream')[]];
  readonly statistic: string;
}

/** What a person looks at first, from the way in to the lake. */
const GRAPHS: readonly Graph[] = [
  { title: 'Accepted events', metric: 'Accepted', by: ['Function', 'Source'], statistic: 'Sum' },
  { title: 'Rejected deliveries', metric: 'Rejected', by: ['Function', 'Reason'], statistic: 'Sum' },
  { title: 'Acknowledgement, p99 (ms)', metric: 'AckLatency', by: ['Function'], statistic: 'p99' },
  {
    title: 'Age of what is taken from queues (ms)',
    metric: 'QueueAge',
    by: ['Function'],
    statistic: 'Maximum',
  },
  { title: 'Processed', metric: 'Processed', by: ['Function'], statistic: 'Sum' },
  { title: 'Received to effect, p99 (ms)', metric: 'EndToEndLatency', by: ['Function'], statistic: 'p99' },
  { title: 'Duplicates', metric: 'Duplicates', by: ['Function'], statistic: 'Sum' },
  { title: 'Dead letters', metric: 'DeadLettered', by: ['Function', 'Reason'], statistic: 'Sum' },
  { title: 'Quarantined', metric: 'Quarantined', by: ['Function', 'Source'], statistic: 'Sum' },
  { title: 'Held behind open circuits', metric: 'Held', by: ['Function', 'Downstream'], statistic: 'Sum' },
  { title: 'Requests for tokens', metric: 'TokenRequests', by: ['Function'], statistic: 'Sum' },
  {
    title: 'Left of Genesys Cloud’s rate limit',
    metric: 'RateLimitRemaining',
    by: ['Function'],
    statistic: 'Minimum',
  },
  { title: 'Rows in the lake', metric: 'LakeRows', by: ['Function'], statistic: 'Sum' },
  {
    title: 'Transcripts, wait until stored (ms)',
    metric: 'TranscriptWait',
    by: ['Function'],
    statistic: 'p99',
  },
  { title: 'Violations by QA queue', metric: 'Routed', by: ['Function', 'Queue'], statistic: 'Sum' },
  {
    title: 'Completeness of the day (%)',
    metric: 'Completeness',
    by: ['Function', 'Source'],
    statistic: 'Minimum',
  },
];

/** A dashboard is 24 wide. */
const WIDTH = 8;
const HEIGHT = 6;
const PER_ROW = 24 / WIDTH;

/** One page that shows a stage from the way in to the lake. A function or source more is a line more by itself. */
export function dashboard(scope: Construct): void {
  const stage = stageOf(scope);
  new CloudwatchDashboard(scope, 'dashboard', {
    dashboardName: names(stage).dashboard,
    dashboardBody: JSON.stringify({
      widgets: GRAPHS.map((graph, index) => widget(graph, index, stage.region)),
    }),
  });
}

function widget({ title, metric, by, statistic }: Graph, index: number, region: string): object {
  const search = `SEARCH('{Aftercall,${by.join(',')}} MetricName="${metric}"', '${statistic}')`;
  return {
    type: 'metric',
    x: (index % PER_ROW) * WIDTH,
    y: Math.floor(index / PER_ROW) * HEIGHT,
    width: WIDTH,
    height: HEIGHT,
    properties: { title, region, view: 'timeSeries', metrics: [[{ expression: search }]] },
  };
}
