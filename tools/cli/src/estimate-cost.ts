import type { Standing } from './count-standing.ts';
import type { CountedFigures, OperationCounts } from './counted-figures.ts';
import { PRICES } from './price-table.ts';

/** A month's traffic. */
export interface Traffic {
  /** Outcomes a month. */
  readonly events: number;
  /** Outcomes in a delivery. */
  readonly batch: number;
  /** Outcomes that the processor gets at once from what `events.fifo` has, where deliveries have fewer. */
  readonly processorBatch: number;
  /** The share of outcomes whose transcript is fetched, 0 to 1. */
  readonly transcripts: number;
  /** The share of outcomes with violations, 0 to 1. */
  readonly violations: number;
}

/** What a stage decides that costs. */
export interface Deployment {
  /** The types of facts that the processor publishes. */
  readonly publishes: readonly string[];
  readonly crm: boolean;
  readonly standing: Standing;
  readonly lakeWindowSeconds: number;
}

/** A line of the bill. */
export interface CostLine {
  readonly service: string;
  readonly what: string;
  readonly quantity: number;
  readonly dollars: number;
}

/** A month, by what its costs grow with. */
export interface CostEstimate {
  /** With every event. */
  readonly events: readonly CostLine[];
  /** For knowing what goes on: traces, metrics, alarms. */
  readonly watching: readonly CostLine[];
  /** Whether anything comes or not. */
  readonly standing: readonly CostLine[];
}

/** Of single outcomes, unless it is said: what the naive design's figure assumes too. It is a matter of how close together they come. */
export const PROCESSOR_BATCH = 5;

/** From the benchmarks and from the design's own estimate, and not counted: they vary with the machine and with what outcomes hold. */
export const ASSUMPTIONS = {
  /** The most that Lambda takes from a FIFO queue. */
  largestFifoBatch: 10,
  ingestMillis: 15,
  processorMillis: 60,
  lakeMillis: 500,
  routerMillis: 30,
  transcriptMillis: 600,
  gigabytes: {
    ingest: 0.5,
    processor: 0.5,
    'lake-writer': 1,
    'compliance-router': 0.5,
    'transcript-fetcher': 1,
  },
  /** Of one outcome in the lake, compressed. */
  lakeBytes: 300,
  /** In which contact centres work: 22 days of eight hours. */
  busySeconds: 22 * 8 * 3_600,
  /** X-Ray traces one request a second, and of the others so many. */
  tracedShare: 0.05,
  /** Of names, dimensions and their values: what a stage of three sources writes. */
  metricSeries: 60,
  /** Lambda waits at an idle queue with five calls of twenty seconds each. */
  pollsPerQueue: (30 * 86_400 * 5) / 20,
} as const;

const A = ASSUMPTIONS;
const GIGA = 1e9;

/** What a month of such traffic costs, line by line. */
export function estimateCost(
  traffic: Traffic,
  deployment: Deployment,
  counted: CountedFigures,
): CostEstimate {
  const work = workOf(traffic, deployment);
  return {
    events: [
      line('HTTP API', 'deliveries', work.deliveries, PRICES.httpApiRequest),
      ...lambdaLines(work),
      ...sqsLines(traffic, work, counted),
      ...dynamodbLines(traffic, work, counted),
      ...busLines(traffic, deployment, counted),
      ...s3Lines(traffic, work, counted),
      line(
        'CloudWatch Logs',
        'gigabytes of log lines and metrics',
        logBytes(traffic, work, counted) / GIGA,
        PRICES.logsGigabyte,
      ),
    ].filter(({ quantity }) => quantity > 0),
    watching: [
      line('X-Ray', 'traces', tracesOf(work.deliveries), PRICES.xrayTrace),
      line('CloudWatch', 'metrics', A.metricSeries, PRICES.customMetric),
      line('CloudWatch', 'alarms', deployment.standing.alarms, PRICES.alarm),
    ],
    standing: [
      line(
        'SQS',
        'polls of idle queues',
        deployment.standing.polledQueues * A.pollsPerQueue,
        PRICES.sqsRequest,
      ),
      line('Secrets Manager', 'secrets', deployment.standing.secrets, PRICES.secret),
      line('KMS', 'keys', deployment.standing.keys, PRICES.kmsKey),
    ],
  };
}

const line = (service: string, what: string, quantity: number, price: number): CostLine => ({
  service,
  what,
  quantity,
  dollars: quantity * price,
});

/** How often each function works in a month. */
interface Work {
  readonly deliveries: number;
  readonly processor: number;
  readonly lakeWriter: number;
  readonly router: number;
  readonly transcripts: number;
}

function workOf(traffic: Traffic, { lakeWindowSeconds }: Deployment): Work {
  const { events, batch, transcripts, violations } = traffic;
  return {
    deliveries: events / batch,
    processor: events / processorBatchOf(traffic),
    // A window that has anything in it is written, and one with much in it more than once.
    lakeWriter: Math.min(events, Math.max(A.busySeconds / lakeWindowSeconds, events / 1_000)),
    router: events * violations,
    transcripts: events * transcripts,
  };
}

/** Outcomes that the processor gets at once. */
export const processorBatchOf = ({ batch, processorBatch }: Traffic): number =>
  Math.min(A.largestFifoBatch, Math.max(processorBatch, batch));

/** An invocation of the processor writes a line for each outcome, and its metrics once. */
function logBytes(traffic: Traffic, work: Work, { logBytes: of }: CountedFigures): number {
  const one = of['processor: one outcome'];
  const more = (of['processor: ten outcomes of ten conversations'] - one) / (A.largestFifoBatch - 1);
  const delivery = of[traffic.batch > 1 ? 'ingest: ten outcomes in a delivery' : 'ingest: one outcome'];
  return (
    work.deliveries * delivery +
    work.processor * (one + more * (processorBatchOf(traffic) - 1)) +
    work.lakeWriter * of['lake-writer: ten outcomes'] +
    work.router * of['compliance-router: one outcome'] +
    work.transcripts * of['transcript-fetcher: one transcript']
  );
}

function lambdaLines({ deliveries, processor, lakeWriter, router, transcripts }: Work): readonly CostLine[] {
  const function_ = (app: keyof typeof A.gigabytes, invocations: number, millis: number) => [
    line('Lambda', `invocations of ${app}`, invocations, PRICES.lambdaRequest),
    line(
      'Lambda',
      `GB-seconds of ${app}`,
      (invocations * millis * A.gigabytes[app]) / 1_000,
      PRICES.lambdaGigabyteSecond,
    ),
  ];
  return [
    ...function_('ingest', deliveries, A.ingestMillis),
    ...function_('processor', processor, A.processorMillis),
    ...function_('lake-writer', lakeWriter, A.lakeMillis),
    ...function_('compliance-router', router, A.routerMillis),
    ...function_('transcript-fetcher', transcripts, A.transcriptMillis),
  ];
}

/** A batch is received and deleted by Lambda in two requests; EventBridge sends each message in one. */
function sqsLines(
  { events, batch, violations, transcripts }: Traffic,
  work: Work,
  { calls }: CountedFigures,
): readonly CostLine[] {
  const sendsPerDelivery = sum(
    calls[batch > 1 ? 'ingest: ten outcomes in a delivery' : 'ingest: one outcome'],
    /^SendMessage/,
  );
  const sends = work.deliveries * sendsPerDelivery * Math.ceil(batch / A.largestFifoBatch);
  const qaSends = work.router * sum(calls['compliance-router: one outcome'], /^SendMessage/);
  const perTen = 2 / 10;
  return [
    line('SQS FIFO', 'sends to events.fifo', sends, PRICES.sqsFifoRequest),
    line('SQS FIFO', 'receives and deletes of the processor', 2 * work.processor, PRICES.sqsFifoRequest),
    line('SQS FIFO', 'sends to QA queues', qaSends, PRICES.sqsFifoRequest),
    line('SQS', 'the lake’s queue', events * (1 + perTen), PRICES.sqsRequest),
    line(
      'SQS',
      'the queues of violations and transcripts',
      events * (violations + transcripts) * 3,
      PRICES.sqsRequest,
    ),
  ];
}

const WRITES = /^(Put|Update|Delete)Item$/;
const READS = /^(GetItem|Query)$/;

/** Every item that is written is below 1 KB, every one that is read below 4. A batch of reads counts its items. */
function dynamodbLines(
  { events }: Traffic,
  { transcripts }: Work,
  { calls }: CountedFigures,
): readonly CostLine[] {
  const outcome = calls['processor: one outcome'];
  const transcript = calls['transcript-fetcher: one transcript'];
  const writes = events * sum(outcome, WRITES) + transcripts * sum(transcript, WRITES);
  const reads =
    events * (sum(outcome, READS) + sum(outcome, /^BatchGetItem$/)) +
    transcripts * (sum(transcript, READS) + sum(transcript, /^BatchGetItem$/));
  return [
    line('DynamoDB', 'write units', writes, PRICES.dynamodbWriteUnit),
    line('DynamoDB', 'read units', reads, PRICES.dynamodbReadUnit),
  ];
}

function busLines(
  { events, violations, transcripts }: Traffic,
  { publishes, crm }: Deployment,
  { factsPerOutcome }: CountedFigures,
): readonly CostLine[] {
  const published = factsPerOutcome.filter((type) => publishes.includes(type));
  return [
    ...published.map((type) => line('EventBridge', type, events, PRICES.eventBridgeEvent)),
    line(
      'EventBridge',
      'facts of violations and transcripts',
      events * (violations + transcripts),
      PRICES.eventBridgeEvent,
    ),
    ...(crm ? [line('EventBridge', 'calls of the CRM', events, PRICES.apiDestinationCall)] : []),
  ];
}

function s3Lines(
  { events }: Traffic,
  { lakeWriter, transcripts }: Work,
  { calls }: CountedFigures,
): readonly CostLine[] {
  const lake = calls['lake-writer: ten outcomes'];
  const transcript = calls['transcript-fetcher: one transcript'];
  const writes = /^(PutObject|UploadPart|CreateMultipartUpload|CompleteMultipartUpload)$/;
  const reads = /^(GetObject|HeadObject)$/;
  return [
    line(
      'S3',
      'writes',
      lakeWriter * sum(lake, writes) + transcripts * sum(transcript, writes),
      PRICES.s3Put,
    ),
    line('S3', 'reads', lakeWriter * sum(lake, reads) + transcripts * sum(transcript, reads), PRICES.s3Get),
    line(
      'S3',
      'gigabytes of the month’s outcomes, kept a month',
      (events * A.lakeBytes) / GIGA,
      PRICES.s3GigabyteMonth,
    ),
  ];
}

const sum = (calls: OperationCounts, operations: RegExp): number =>
  Object.entries(calls).reduce(
    (total, [operation, count]) => total + (operations.test(operation) ? count : 0),
    0,
  );

/** One a second while the centre works, and a share of the rest. */
function tracesOf(requests: number): number {
  const reservoir = Math.min(requests, A.busySeconds);
  return reservoir + A.tracedShare * (requests - reservoir);
}

/** The dollars of some lines. */
export const total = (lines: readonly CostLine[]): number =>
  lines.reduce((dollars, one) => dollars + one.dollars, 0);
