import type { Applied } from '../apply/apply.ts';
import type { AwsInside } from '../aws/embedded-aws.ts';
import type { Unwinding } from '../unwinding.ts';
import type { AlarmSpec } from './alarm-spec.ts';
import type { Metric } from './metric-store.ts';
import { createAlarms } from './play-alarms.ts';
import type { Alarms, AlarmsDeps } from './play-alarms.ts';

export interface StartAlarmsDeps extends Omit<AlarmsDeps, 'announce'> {
  readonly inside: AwsInside | undefined;
  readonly unwinding: Unwinding;
}

/** The alarms of a stack, and whom what happens is told for them. */
export interface StackAlarms extends Pick<Alarms, 'take' | 'states'> {
  /** Names those on what nothing here measures. */
  readonly unplayed: readonly string[];
  /** The HTTP API has given an answer. */
  readonly answered: (status: number) => void;
  /** An invocation of a function has failed. */
  readonly failed: (functionName: string) => void;
}

/** How often the alarms are looked at: more often than the shortest period there is. */
const LOOK_MILLIS = 1_000;

/** What is measured here in the place of AWS, besides all that functions write. */
const ERRORS = { namespace: 'AWS/Lambda', name: 'Errors' };
const SERVER_ERRORS = { namespace: 'AWS/ApiGateway', name: '5xx' };
const OLDEST_MESSAGE = { namespace: 'AWS/SQS', name: 'ApproximateAgeOfOldestMessage' };

/** Looks at a stack's alarms until it stops. Another AWS than the embedded one shows no ages, and its bus takes no events of AWS. */
export function startAlarms(
  { runtime, resources }: Pick<Applied, 'runtime' | 'resources'>,
  { inside, unwinding, ...deps }: StartAlarmsDeps,
): StackAlarms {
  const alarms = createAlarms(runtime.alarms, { ...deps, announce: (change) => inside?.announce(change) });
  const api = resources.find(({ type }) => type === 'aws_apigatewayv2_api')?.attributes['id'];
  const look = (): void => {
    for (const { queueName, sentAtMillis } of inside?.oldestMessages() ?? []) {
      const ageSeconds = (deps.now().getTime() - sentAtMillis) / 1_000;
      alarms.note({ ...OLDEST_MESSAGE, dimensions: { QueueName: queueName } }, ageSeconds);
    }
    alarms.evaluate();
  };
  const timer = setInterval(look, LOOK_MILLIS);
  unwinding.add(() => clearInterval(timer));
  return {
    take: alarms.take,
    states: alarms.states,
    unplayed: runtime.alarms.filter((spec) => !isPlayed(spec, inside)).map(({ name }) => name),
    answered: (status) => {
      const metric = { ...SERVER_ERRORS, dimensions: { ApiId: String(api) } };
      alarms.note(metric, status >= 500 ? 1 : 0);
    },
    failed: (FunctionName) => alarms.note({ ...ERRORS, dimensions: { FunctionName } }, 1),
  };
}

/** By the namespace of the functions, or as one of the three that are measured here. */
function isPlayed({ metrics }: AlarmSpec, inside: AwsInside | undefined): boolean {
  const ofAws = [ERRORS, SERVER_ERRORS, ...(inside ? [OLDEST_MESSAGE] : [])];
  const isMeasured = ({ namespace, name }: Metric): boolean =>
    !namespace.startsWith('AWS/') || ofAws.some((one) => one.namespace === namespace && one.name === name);
  return metrics.every(isMeasured);
}
