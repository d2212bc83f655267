import {
  OPEN_MESSAGING_RETRY_POLICY,
  type RetryPolicy,
  WEBHOOK_RETRY_POLICY,
} from '@aftercall/genesys-simulator';
import { analytics, delivery, outcome } from './deliveries.ts';
import type { FaultKind, OutgoingCall, Weather } from './outgoing-calls.ts';
import { runStage, type Suite } from './run-stage.ts';
import { type Fault, faultsBetween } from './sinks.ts';
import { START } from './virtual-stage.ts';

/** A sender that retries as it does, and what came of what it sent. */
export interface RetryResult {
  readonly policy: string;
  readonly trouble: string;
  readonly deliveries: number;
  /** Requests that reached ingest. */
  readonly requests: number;
  readonly faults: readonly Fault[];
}

interface Trouble {
  readonly name: string;
  readonly weather?: { readonly seconds: number; readonly is: Weather };
  readonly faultOf?: (call: OutgoingCall) => FaultKind | undefined;
}

const POLICIES: readonly { readonly name: string; readonly policy: RetryPolicy }[] = [
  { name: 'webhook', policy: WEBHOOK_RETRY_POLICY },
  { name: 'Open Messaging', policy: OPEN_MESSAGING_RETRY_POLICY },
];

const DELIVERIES = 12;

/** Everything that a sender's own patience outlasts, for each kind of sender. */
export async function* retriesOfSenders(suite: Suite): AsyncGenerator<RetryResult, void> {
  const traffic = Array.from({ length: DELIVERIES }, (_, n) =>
    delivery(n, analytics(n, outcome(n, { violations: n % 2 }))),
  );
  const common = { traffic, concurrency: DELIVERIES, seed: 1, habits: 'steady' } as const;
  const reference = await runStage(suite, common);
  for (const { name, policy } of POLICIES) {
    for (const trouble of troublesFor(policy)) {
      const { weather, faultOf } = trouble;
      const untilMillis = START + (weather?.seconds ?? 0) * 1000;
      const run = await runStage(suite, {
        ...common,
        retry: policy,
        ...(faultOf && { faultOf }),
        ...(weather && {
          weatherOf: (service, millis) =>
            service === 'sqs' && millis < untilMillis ? weather.is : { kind: 'up' },
        }),
      });
      yield {
        policy: name,
        trouble: trouble.name,
        deliveries: DELIVERIES,
        requests: run.stage.answers.length,
        faults: [...run.faults, ...faultsBetween(reference.sinks, run.sinks)],
      };
    }
  }
}

/** Up to the last retry, and no further: who has given up cannot be helped. */
function troublesFor({ delaysMillis }: RetryPolicy): readonly Trouble[] {
  const patienceSeconds = delaysMillis.reduce((sum, delay) => sum + delay, 0) / 1000;
  return [
    {
      name: 'queue down until the last retry',
      weather: { seconds: patienceSeconds - 1, is: { kind: 'down' } },
    },
    {
      name: 'queue slow for up to half an hour',
      weather: { seconds: Math.min(1_800, patienceSeconds - 1), is: { kind: 'slow', millis: 5_000 } },
    },
    { name: 'ingest dies after queueing, four times', faultOf: fourTimes('crash-after') },
    { name: 'answers lost, four times', faultOf: fourTimes('answer-lost') },
  ];
}

/** Each delivery's first four requests, as far as they come at the same time. */
function fourTimes(kind: FaultKind): NonNullable<Trouble['faultOf']> {
  const times = new Map<string, number>();
  return ({ app, operation, input }) => {
    if (app !== 'ingest' || operation !== 'SendMessageBatch') return undefined;
    const key = JSON.stringify(
      (input['Entries'] as readonly { MessageDeduplicationId: string }[])[0]?.MessageDeduplicationId,
    );
    const time = (times.get(key) ?? 0) + 1;
    times.set(key, time);
    return time <= 4 ? kind : undefined;
  };
}
