import type { Target } from '@aws-sdk/client-eventbridge';
import { AwsError } from './json-target-server.ts';
import { compileJsonPath, JsonPathError } from './json-path.ts';

/** The event as targets see it. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** Reads a value out of an event. */
type Reader = (event: BusEvent) => unknown;

interface CommonTarget {
  readonly id: string;
  readonly arn: string;
  readonly ruleArn: string;
  /** What of the event the target gets. */
  readonly input: Reader;
  readonly deadLetterArn: string | undefined;
  /** @default 185, as on AWS */
  readonly maximumRetryAttempts: number;
  /** @default a day, as on AWS */
  readonly maximumEventAgeSeconds: number;
}

export interface SqsTarget extends CommonTarget {
  readonly kind: 'sqs';
  readonly groupId: string | undefined;
}

export interface ApiDestinationTarget extends CommonTarget {
  readonly kind: 'api-destination';
  readonly headers: Readonly<Record<string, Reader>>;
  readonly query: Readonly<Record<string, Reader>>;
}

export interface StateMachineTarget extends CommonTarget {
  readonly kind: 'state-machine';
}

export interface FunctionTarget extends CommonTarget {
  readonly kind: 'function';
}

/** The kinds of target there are here. */
export type BusTarget = SqsTarget | ApiDestinationTarget | StateMachineTarget | FunctionTarget;

/** EventBridge's limits of `RetryPolicy`. Its defaults are the most that it offers. */
const RETRY_ATTEMPTS = { minimum: 0, maximum: 185 };
const EVENT_AGE_SECONDS = { minimum: 60, maximum: 86_400 };

/** What of `Target` is acted upon. */
const KNOWN_FIELDS = ['Id', 'Arn', 'RoleArn', 'Input', 'InputPath', 'SqsParameters', 'HttpParameters'];
const DELIVERY_FIELDS = ['DeadLetterConfig', 'RetryPolicy'];

/**
 * Takes a target as `PutTargets` gets it. What would silently behave differently here than on AWS is refused.
 *
 * @throws AwsError
 */
export function busTarget(target: Target, ruleArn: string): BusTarget {
  const unknown = Object.keys(target).filter((key) => ![...KNOWN_FIELDS, ...DELIVERY_FIELDS].includes(key));
  if (unknown.length > 0) throw invalid(`The local EventBridge does not know ${unknown.join(', ')}.`);
  const { Id: id = '', Arn: arn = '' } = target;
  const common: CommonTarget = {
    id,
    arn,
    ruleArn,
    input: inputOf(target),
    deadLetterArn: deadLetterArn(target),
    maximumRetryAttempts: within('MaximumRetryAttempts', target, RETRY_ATTEMPTS),
    maximumEventAgeSeconds: within('MaximumEventAgeInSeconds', target, EVENT_AGE_SECONDS),
  };
  if (arn.startsWith('arn:aws:sqs:')) return sqsTarget(target, common);
  if (arn.startsWith('arn:aws:lambda:')) return { ...common, kind: 'function' };
  if (/^arn:aws:events:[^:]*:[^:]*:api-destination\//.test(arn)) return apiDestinationTarget(target, common);
  if (/^arn:aws:states:[^:]*:[^:]*:stateMachine:/.test(arn)) {
    if (!target.RoleArn) throw invalid(`RoleArn is required for target ${id}.`);
    return { ...common, kind: 'state-machine' };
  }
  throw invalid(
    `The local EventBridge delivers to SQS queues, API destinations, state machines and functions only, not to ${arn}.`,
  );
}

/** What of an event goes on: all of it, a part, or always the same. */
function inputOf({ Input: constant, InputPath: part }: Target): Reader {
  if (constant !== undefined && part !== undefined)
    throw invalid('Only one of Input and InputPath must be provided.');
  if (constant === undefined) return part === undefined ? (event) => event : path(part);
  try {
    const value: unknown = JSON.parse(constant);
    return () => value;
  } catch {
    throw invalid('JSON syntax error in Input.');
  }
}

function sqsTarget(target: Target, common: CommonTarget): SqsTarget {
  const groupId = target.SqsParameters?.MessageGroupId;
  if (common.arn.endsWith('.fifo') && !groupId)
    throw invalid(`Target ${common.id} is a FIFO queue and needs SqsParameters.MessageGroupId.`);
  return { ...common, kind: 'sqs', groupId };
}

function apiDestinationTarget(target: Target, common: CommonTarget): ApiDestinationTarget {
  if (!target.RoleArn) throw invalid(`RoleArn is required for target ${common.id}.`);
  const { HeaderParameters, QueryStringParameters, PathParameterValues } = target.HttpParameters ?? {};
  if (PathParameterValues !== undefined)
    throw invalid('The local EventBridge does not know PathParameterValues.');
  const readers = (values: Readonly<Record<string, string>> = {}): Record<string, Reader> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, parameter(value)]));
  return {
    ...common,
    kind: 'api-destination',
    headers: readers(HeaderParameters),
    query: readers(QueryStringParameters),
  };
}

/** A parameter is a JSON path into the event when it begins like one. */
function parameter(value: string): Reader {
  return value === '$' || /^\$[.[]/.test(value) ? path(value) : () => value;
}

function path(text: string): Reader {
  try {
    return compileJsonPath(text);
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw invalid(error.message);
  }
}

function deadLetterArn({ DeadLetterConfig }: Target): string | undefined {
  const queueArn = DeadLetterConfig?.Arn;
  if (queueArn?.endsWith('.fifo')) throw invalid('The dead-letter queue of a target cannot be a FIFO queue.');
  return queueArn;
}

function within(
  name: 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds',
  { RetryPolicy }: Target,
  { minimum, maximum }: { readonly minimum: number; readonly maximum: number },
): number {
  const value = RetryPolicy?.[name] ?? maximum;
  if (value < minimum || value > maximum)
    throw invalid(`RetryPolicy.${name}: a number from ${minimum} to ${maximum} is wanted, not ${value}.`);
  return value;
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
