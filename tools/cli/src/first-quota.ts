import { ASSUMPTIONS, type Traffic } from './estimate-cost.ts';

/** A limit of AWS's or of the stage's own. */
export interface QuotaUse {
  readonly quota: string;
  /** How much of it a busy second takes, 1 being all. */
  readonly share: number;
  /** Who can raise it. */
  readonly raise: string;
}

/** What a stage allows itself. */
export interface StageLimits {
  readonly requestsPerSecond: number;
  readonly reservedConcurrency: number | undefined;
  readonly processorConcurrency: number;
}

/** A busy second has so many times the month's mean over its working hours. */
const PEAK = 5;

/** Per account and region, as they are before anybody asks for more, in us-east-1. */
const ACCOUNT = {
  httpApiRequests: 10_000,
  lambdaConcurrency: 1_000,
  /** Requests of one kind to a FIFO queue in high-throughput mode. */
  fifoRequests: 70_000,
  eventBridgeEvents: 10_000,
  dynamodbWriteUnits: 40_000,
};

const BY_AWS = 'a request to AWS';

/** How near a busy second comes to each limit, the nearest first. */
export function quotaUses(
  { events, batch }: Traffic,
  limits: StageLimits,
  perOutcome: { readonly facts: number; readonly writeUnits: number },
): readonly QuotaUse[] {
  const outcomes = (events / ASSUMPTIONS.busySeconds) * PEAK;
  const deliveries = outcomes / batch;
  const ofIngest = (deliveries * ASSUMPTIONS.ingestMillis) / 1_000;
  const batches =
    outcomes / Math.min(ASSUMPTIONS.largestFifoBatch, Math.max(ASSUMPTIONS.processorBatch, batch));
  const ofProcessor = (batches * ASSUMPTIONS.processorMillis) / 1_000;
  const { requestsPerSecond, reservedConcurrency, processorConcurrency } = limits;
  const use = (quota: string, needed: number, limit: number, raise: string) => ({
    quota,
    share: needed / limit,
    raise,
  });
  return [
    use(
      'deliveries a second that the stage lets in',
      deliveries,
      requestsPerSecond,
      'ingest.requestsPerSecond',
    ),
    use('requests a second to HTTP APIs', deliveries, ACCOUNT.httpApiRequests, BY_AWS),
    ...(reservedConcurrency === undefined
      ? []
      : [use('environments of ingest', ofIngest, reservedConcurrency, 'ingest.reservedConcurrency')]),
    use('environments of the processor', ofProcessor, processorConcurrency, 'processor.maximumConcurrency'),
    use('environments of all functions', ofIngest + ofProcessor, ACCOUNT.lambdaConcurrency, BY_AWS),
    use('sends a second to events.fifo', outcomes, ACCOUNT.fifoRequests, BY_AWS),
    use('events a second to EventBridge', outcomes * perOutcome.facts, ACCOUNT.eventBridgeEvents, BY_AWS),
    use(
      'write units a second of a table',
      outcomes * perOutcome.writeUnits,
      ACCOUNT.dynamodbWriteUnits,
      BY_AWS,
    ),
  ].toSorted((left, right) => right.share - left.share);
}
