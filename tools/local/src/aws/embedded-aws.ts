import { SQSClient } from '@aws-sdk/client-sqs';
import { sendableText } from '@aftercall/schemas';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createApiDestinationCalls } from './api-destination-calls.ts';
import { apiDestinations } from './api-destinations.ts';
import { clientConfig } from './clients.ts';
import type { Endpoints } from './clients.ts';
import { startDynamodb } from './dynamodb.ts';
import { createEventBridge } from './event-bridge.ts';
import type { EventBridge } from './event-bridge.ts';
import { createEventDelivery } from './event-delivery.ts';
import { serveActions } from './json-target-server.ts';
import type { StoppableServer } from './listen.ts';
import { parameterStoreActions } from './parameter-store.ts';
import { every as everyByTheClock } from './schedule.ts';
import type { Every } from './schedule.ts';
import { startRefusingSink } from './refusing-sink.ts';
import type { RotationDeps } from './secret-rotation.ts';
import { secretsManagerActions } from './secrets-manager.ts';
import { callFunction } from './function-calls.ts';
import type { Invoke } from './function-calls.ts';
import { createStepFunctions } from './step-functions.ts';
import type { StepFunctions, StepFunctionsDeps } from './step-functions.ts';
import { startExecution } from './execution-starts.ts';
import { startSqsAndS3 } from './sqs-and-s3.ts';
import type { SqsAndS3 } from './sqs-and-s3.ts';
import { createSqsOutbox } from './sqs-outbox.ts';
import type { Unwinding } from '../unwinding.ts';

/** The AWS a stack talks to: embedded, or another endpoint. */
export interface Aws {
  readonly endpoints: Endpoints;
  /** Where every service that is not among the endpoints is refused by name. */
  readonly sinkUrl: string;
  /** What plays AWS, in a few words. */
  readonly description: string;
  /** What can be stopped and started here, by the endpoint's name; none of another AWS. */
  readonly services: Services;
  /** What the embedded AWS lets be seen of itself; another one does not. */
  readonly inside?: AwsInside;
}

/** What no API of AWS offers. */
export interface AwsInside {
  readonly announce: EventBridge['announce'];
  readonly oldestMessages: SqsAndS3['oldestMessages'];
}

/** The embedded services: while one is stopped, its callers are refused and its data stays. */
export type Services = Readonly<Partial<Record<keyof Endpoints, StoppableServer>>>;

export interface AwsDeps extends Pick<RotationDeps, 'now' | 'report'> {
  /** Default: there are no functions to rotate secrets with. */
  readonly invokeRotation?: RotationDeps['invokeRotation'];
  /** By which schedules fire. Default: the clock. */
  readonly every?: Every;
  /** How the tasks of state machines call functions. Default: there are none. */
  readonly invoke?: StepFunctionsDeps['invoke'];
  /** Every server that starts is handed over here at once, so that it stops even if the next one fails. */
  readonly unwinding: Unwinding;
}

/** Starts the embedded AWS, every service on a free port of the loopback interface. */
export async function startEmbeddedAws(deps: AwsDeps): Promise<Aws> {
  const { unwinding, now, invoke = noFunctions } = deps;
  const machines = createStepFunctions({ now, invoke, newId: randomUUID });
  unwinding.add(machines.stop);
  const [queues, tables, secrets, parameters, workflows, sink] = await unwinding.startAll([
    startSqsAndS3,
    startDynamodb,
    () => serveActions('Secrets Manager', secretsManagerActions({ invokeRotation: noFunctions, ...deps })),
    () => serveActions('Parameter Store', parameterStoreActions(deps)),
    () => serveActions('Step Functions', machines.actions),
    () => startRefusingSink(deps),
  ] as const);
  const bus = await startEventBridge(queues.sqs.url, machines, { ...deps, invoke });
  const services = {
    sqs: queues.sqs,
    s3: queues.s3,
    dynamodb: tables,
    secretsmanager: secrets,
    events: bus.server,
    ssm: parameters,
    sfn: workflows,
  } satisfies Record<keyof Endpoints, StoppableServer>;
  return {
    endpoints: mapValues(services, ({ url }) => url),
    services,
    sinkUrl: sink.url,
    description: `embedded (SQS and S3: fauxqs, DynamoDB: ${tables.emulator})`,
    inside: { announce: bus.announce, oldestMessages: queues.oldestMessages },
  };
}

const noFunctions = (name: string) => Promise.reject(new Error(`there is no function ${name}`));

function mapValues<K extends string, T, R>(
  record: Readonly<Record<K, T>>,
  of: (value: T) => R,
): Record<K, R> {
  const entries = (Object.entries(record) as [K, T][]).map(([key, value]) => [key, of(value)] as const);
  return Object.fromEntries(entries) as Record<K, R>;
}

/** EventBridge, with what brings its events to queues, API destinations, state machines and functions. */
async function startEventBridge(
  sqsUrl: string,
  machines: Pick<StepFunctions, 'start'>,
  { now, every = everyByTheClock, report, unwinding, invoke }: AwsDeps & { readonly invoke: Invoke },
): Promise<Pick<EventBridge, 'announce'> & { readonly server: StoppableServer }> {
  const sqs = new SQSClient({ ...clientConfig(sqsUrl), maxAttempts: 1 });
  unwinding.add(() => sqs.destroy());
  const stopping = new AbortController();
  const { signal } = stopping;
  const outbox = createSqsOutbox({ sqs, sqsUrl, signal });
  const destinations = apiDestinations({ now, newId: randomUUID });
  const calls = createApiDestinationCalls({ find: destinations.find, now, signal });
  const delivery = createEventDelivery({
    attempt: (event, target) => {
      if (target.kind === 'api-destination') return calls.call(event, target);
      if (target.kind === 'state-machine') return startExecution(event, target, machines);
      if (target.kind === 'function') return callFunction(event, target, { invoke, report });
      // EventBridge takes more characters than the SQS here does.
      const body = sendableText(JSON.stringify(target.input(event) ?? null));
      return outbox.send(target.arn, { body, groupId: target.groupId });
    },
    sendDeadLetter: outbox.send,
    now,
    random: Math.random,
    pause: (millis) => pause(millis, undefined, { signal }),
    stopping,
    report,
  });
  unwinding.add(() => delivery.stop());
  const { actions, announce, stop } = createEventBridge({ now, every, deliver: delivery.deliver });
  unwinding.add(stop);
  const [server] = await unwinding.startAll([
    () => serveActions('EventBridge', { ...actions, ...destinations.actions }),
  ] as const);
  return { server, announce };
}

/**
 * Uses another AWS-compatible endpoint, such as LocalStack or moto, for everything.
 *
 * @throws Error for AWS itself: the stack makes and changes things without asking
 */
export function otherAws(endpoint: string, sinkUrl: string): Aws {
  const url = new URL(endpoint);
  if (/(^|\.)(amazonaws\.com(\.cn)?|api\.aws|aws\.dev)$/i.test(url.hostname)) {
    throw new Error(
      `AFTERCALL_AWS_ENDPOINT is AWS itself (${url.hostname}): the local stack only goes to emulators`,
    );
  }
  const base = url.href.replace(/\/$/, '');
  return {
    endpoints: {
      sqs: base,
      dynamodb: base,
      s3: base,
      secretsmanager: base,
      events: base,
      ssm: base,
      sfn: base,
    },
    sinkUrl,
    description: `the endpoint ${base}`,
    services: {},
  };
}
