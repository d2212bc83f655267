import type { Construct } from 'constructs';
import type { AppPackage } from '../app-package.ts';
import type { AppName } from '../app-stacks.ts';
import type { Names, QueueName } from '../names.ts';
import { VISIBILITY_PER_TIMEOUT } from '../stage.ts';
import type { ConsumerSettings } from '../stage-fields.ts';
import { appFunction } from './app-function.ts';
import type { QueuePair } from './encrypted-queue.ts';
import { queueTarget, type QueueRule } from './queue-rule.ts';
import { POLLING, queueSource } from './queue-source.ts';
import { standardQueue } from './standard-queue.ts';
import { allow, type Statement } from './statement.ts';

/** What one function behind a queue of its own differs in from another. */
export interface QueueFunctionProps {
  readonly app: AppName;
  readonly queue: QueueName;
  readonly names: Names;
  /** What fills the queue, by the id of the target in the stack. */
  readonly rules: Readonly<Record<string, QueueRule>>;
  /** What stops working for whom when this function does, in one sentence. */
  readonly impact: string;
  readonly settings: ConsumerSettings;
  readonly batchSize: number;
  /** How long to wait for a batch to fill. Without it a batch is what is there. */
  readonly windowSeconds?: number;
  /** How long a message may wait on purpose. Without it not at all. */
  readonly waitsSeconds?: number;
  readonly environment: (queues: QueuePair) => Readonly<Record<string, string>>;
  /** What the function may do beyond taking from its queue, sending to its dead-letter queue and writing its log. */
  readonly grants: (queues: QueuePair) => readonly Statement[];
  readonly code: AppPackage;
}

/** A function with its queue and dead-letter queue, what fills the queue and what empties it into the function. */
export function queueFunction(scope: Construct, props: QueueFunctionProps): void {
  const { names, settings, windowSeconds } = props;
  const queues = queuesOf(scope, props);
  const made = appFunction(scope, {
    app: props.app,
    names,
    impact: props.impact,
    memoryMegabytes: settings.memoryMegabytes,
    timeoutSeconds: settings.timeoutSeconds,
    ...(settings.maximumConcurrency === 1 && { reservedConcurrency: 1 }),
    environment: props.environment(queues),
    grants: [...queueGrants(queues), ...props.grants(queues)],
    code: props.code,
  });
  queueSource(scope, 'queue_source', made, {
    queueArn: queues.queue.arn,
    queueName: names.queue(props.queue),
    of: props.app,
    impact: props.impact,
    ...(props.waitsSeconds !== undefined && { waitsSeconds: props.waitsSeconds }),
    batchSize: props.batchSize,
    ...(windowSeconds !== undefined && { windowSeconds }),
    maximumConcurrency: settings.maximumConcurrency,
  });
}

function queuesOf(scope: Construct, { queue, names, rules, settings, windowSeconds }: QueueFunctionProps) {
  const queues = standardQueue(scope, {
    name: names.queue(queue),
    deadLetterQueueName: names.deadLetterQueue(queue),
    visibilitySeconds: VISIBILITY_PER_TIMEOUT * settings.timeoutSeconds + (windowSeconds ?? 0),
    ruleArns: Object.values(rules).map(({ rule }) => rule.arn),
  });
  for (const [id, rule] of Object.entries(rules)) queueTarget(scope, id, rule, queues);
  return queues;
}

const queueGrants = ({ queue, deadLetterQueue }: QueuePair): readonly Statement[] => [
  allow([...POLLING, 'sqs:ChangeMessageVisibility'], [queue.arn]),
  allow(['sqs:SendMessage'], [deadLetterQueue.arn]),
];
