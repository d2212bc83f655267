import type { Construct } from 'constructs';
import { alarm, functionMetric } from './alarm.ts';
import { stageOf } from './stage-of.ts';

/** Why a delivery is not trusted, as `verifyDelivery` of @aftercall/signing says it. */
const REFUSALS = ['missing-header', 'malformed', 'stale-timestamp', 'no-match'];

/** Of a few deliveries a percentile says nothing about the next one; three looks in a row do. */
const SLOW_LOOKS = 3;

const HOUR_SECONDS = 3_600;

/** Watches the way in: that it answers, in time, whom it should, and that there is somebody to answer. */
export function ingestAlarms(scope: Construct, apiId: string): void {
  const { observability } = stageOf(scope);
  if (!observability) return;
  const { periodSeconds, acknowledgementMilliseconds, serverErrors, verificationFailures, silence } =
    observability;
  const calm = { periodSeconds, missing: 'notBreaching' } as const;
  alarm(scope, {
    ...calm,
    runbook: 'acknowledgement',
    meaning: `One delivery in a hundred is answered after more than ${acknowledgementMilliseconds} ms; after three seconds its sender has hung up and sends it again.`,
    metrics: [functionMetric('ingest', 'AckLatency')],
    statistic: 'p99',
    is: 'above',
    threshold: acknowledgementMilliseconds,
    periods: SLOW_LOOKS,
  });
  alarm(scope, {
    ...calm,
    runbook: 'server-errors',
    of: 'api',
    meaning: 'Deliveries are answered with 5xx: their senders try again for a while, then they are lost.',
    metrics: [{ namespace: 'AWS/ApiGateway', name: '5xx', dimensions: { ApiId: apiId } }],
    statistic: 'Sum',
    is: 'at least',
    threshold: serverErrors,
  });
  alarm(scope, {
    ...calm,
    runbook: 'verification-failures',
    meaning:
      'Deliveries are refused because of their signature: a sender has a wrong secret, or somebody is trying.',
    metrics: REFUSALS.map((Reason) => functionMetric('ingest', 'Rejected', { Reason })),
    statistic: 'Sum',
    is: 'at least',
    threshold: verificationFailures,
  });
  for (const { source, hours } of silence)
    alarm(scope, {
      runbook: 'silence',
      of: source,
      meaning: `Source ${source} has sent nothing that was accepted for ${hours} hours.`,
      metrics: [functionMetric('ingest', 'Accepted', { Source: source })],
      statistic: 'Sum',
      is: 'below',
      threshold: 1,
      periodSeconds: HOUR_SECONDS,
      periods: hours,
      missing: 'breaching',
    });
}
