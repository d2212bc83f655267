import type { PlannedDelivery } from '@aftercall/genesys-simulator';
import { analytics, delivery, outcome } from './deliveries.ts';
import type { Service, Weather } from './outgoing-calls.ts';
import { runStage, type Run, type Suite } from './run-stage.ts';
import { type Fault, faultsBetween } from './sinks.ts';
import { START, type VirtualStage } from './virtual-stage.ts';

/** A service that is slow or down for half an hour under load, and what came of it. */
export interface OutageResult {
  readonly service: Service;
  readonly weather: Weather['kind'];
  readonly deliveries: number;
  /** Of the function, by status. */
  readonly answers: Readonly<Record<string, number>>;
  readonly slowestAnswerMillis: number;
  /** From the end of the outage on, until nothing waited any more that was not new. */
  readonly drainSeconds: number;
  readonly faults: readonly Fault[];
}

export interface OutageInput {
  readonly service: Service;
  readonly weather: Weather;
  readonly secondsBetweenDeliveries: number;
}

export const OUTAGES: readonly Pick<OutageInput, 'service' | 'weather'>[] = (
  ['sqs', 'events', 'dynamodb', 's3', 'secretsmanager', 'ssm'] as const
).flatMap((service) => [
  { service, weather: { kind: 'slow', millis: 5_000 } },
  { service, weather: { kind: 'down' } },
]);

/** The load begins before the outage, so that containers are warm, and ends with it. */
const OUTAGE = { fromSeconds: 5 * 60, untilSeconds: 35 * 60 };
/** What waits for longer after the outage is backlog; what comes later waits for the lake's batching window only. */
const BACKLOG_SECONDS = 180;
const SAMPLE_SECONDS = 10;

/** The promise: 2.5 s from the request's own time, with what the network takes. */
export const LATEST_ANSWER_MILLIS = 2_600;
export const LONGEST_DRAIN_SECONDS = 30 * 60;

/** @param reference what must come of the same load when nothing befalls it */
export async function runOutage(suite: Suite, input: OutageInput, reference: Run): Promise<OutageResult> {
  const { service, weather } = input;
  const [from, until] = [START + OUTAGE.fromSeconds * 1000, START + OUTAGE.untilSeconds * 1000];
  let drainedMillis: number | undefined;
  const run = await runStage(suite, {
    ...loadOf(input),
    weatherOf: (one, millis) =>
      one === service && millis >= from && millis < until ? weather : { kind: 'up' },
    onStart: (stage) => watchBacklog(stage, until, (millis) => (drainedMillis ??= millis)),
  });
  // What is over before the next look at it is over.
  const drainSeconds = ((drainedMillis ?? START + run.seconds * 1000) - until) / 1000;
  const { answers } = run.stage;
  return {
    service,
    weather: weather.kind,
    deliveries: loadOf(input).traffic.length,
    answers: Object.fromEntries(
      [...Map.groupBy(answers, ({ status }) => String(status))].map(([status, same]) => [
        status,
        same.length,
      ]),
    ),
    slowestAnswerMillis: Math.max(...answers.map(({ millis }) => millis)),
    drainSeconds,
    faults: [...run.faults, ...faultsBetween(reference.sinks, run.sinks), ...broken(answers, drainSeconds)],
  };
}

/** The same load, and nothing befalls it. */
export const undisturbed = (
  suite: Suite,
  input: Pick<OutageInput, 'secondsBetweenDeliveries'>,
): Promise<Run> => runStage(suite, loadOf(input));

function loadOf({ secondsBetweenDeliveries }: Pick<OutageInput, 'secondsBetweenDeliveries'>) {
  const count = Math.floor(OUTAGE.untilSeconds / secondsBetweenDeliveries);
  const traffic = Array.from({ length: count }, (_, n): PlannedDelivery => {
    const extras = {
      violations: n % 5 === 0 ? 1 : 0,
      transcript: n % 10 === 0,
      conversation: Math.floor(n / 2),
    };
    return delivery(n, analytics(n, outcome(n, extras)));
  });
  // A delivery that waits for its retry keeps none from being sent.
  return { traffic, secondsBetweenDeliveries, concurrency: count, seed: 1, habits: 'steady' } as const;
}

function watchBacklog(stage: VirtualStage, untilMillis: number, onDrained: (millis: number) => void): void {
  const { time } = stage;
  const look = () => {
    if (stage.oldestWaitingMillis() > time.nowMillis() - BACKLOG_SECONDS * 1000) onDrained(time.nowMillis());
    else time.after(SAMPLE_SECONDS * 1000, look);
  };
  time.after(untilMillis - time.nowMillis(), look);
}

function broken(answers: VirtualStage['answers'], drainSeconds: number): readonly Fault[] {
  const wrong = answers.filter(({ status }) => status !== 200 && status !== 503);
  const late = answers.filter(({ millis }) => millis > LATEST_ANSWER_MILLIS);
  return [
    ...wrong.map(({ status }): Fault => ({ kind: 'changed', detail: `answered ${status}` })),
    ...late.map(({ millis }): Fault => ({ kind: 'late', detail: `answered after ${millis} ms` })),
    ...(drainSeconds > LONGEST_DRAIN_SECONDS
      ? [{ kind: 'late', detail: `drained after ${drainSeconds} s` } as const]
      : []),
  ];
}
