import { ASSUMPTIONS, processorBatchOf, type Traffic } from './estimate-cost.ts';

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

/** What an outcome asks for. */
export interface PerOutcome {
  /** Of `PutEvents`, when it is alone in its batch. */
  readonly busCalls: number;
  /** By rules, to their targets. */
  readonly handedOn: number;
  /** Of the table that is written most. */
  readonly writeUnits: number;
}

/** A busy second has so many times the month's mean over its working hours. */
const PEAK = 5;

/**
 * Per account and region, as they are before anybody asks for more, in us-east-1 and eu-west-1; read on AWS's pages on
 * 2026-11-30. Other regions have less, see docs/scale.md.
 */
const ACCOUNT = {
  /** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
  httpApiRequests: 10_000,
  /** A new account has fewer. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
  lambdaConcurrency: 1_000,
  /**
   * Requests of one kind to a FIFO queue in high-throughput mode.
   *
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
   */
  fifoRequests: 70_000,
  /** Calls of `PutEvents`, and events that rules hand to their targets. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
  eventBridgeCalls: 10_000,
  eventBridgeInvocations: 18_750,
  /** Of a table on demand. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
  dynamodbWriteUnits: 40_000,
};

const BY_AWS = 'a request to AWS';

/** How near a busy second comes to each limit, the nearest first. */
export function quotaUses(
  traffic: Traffic,
  limits: StageLimits,
  perOutcome: PerOutcome,
): readonly QuotaUse[] {
  const { events, batch } = traffic;
  const outcomes = (events / ASSUMPTIONS.busySeconds) * PEAK;
  const deliveries = outcomes / batch;
  const ofIngest = (deliveries * ASSUMPTIONS.ingestMillis) / 1_000;
  const batches = outcomes / processorBatchOf(traffic);
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
    use('calls a second to EventBridge', outcomes * perOutcome.busCalls, ACCOUNT.eventBridgeCalls, BY_AWS),
    use(
      'events a second from EventBridge to queues',
      outcomes * perOutcome.handedOn,
      ACCOUNT.eventBridgeInvocations,
      BY_AWS,
    ),
    use(
      'write units a second of a table',
      outcomes * perOutcome.writeUnits,
      ACCOUNT.dynamodbWriteUnits,
      BY_AWS,
    ),
  ].toSorted((left, right) => right.share - left.share);
}
