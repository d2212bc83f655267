import type { PutRuleRequest } from '@aws-sdk/client-eventbridge';
import type { BusTarget } from './bus-target.ts';
import { compileEventPattern, EventPatternError } from './event-pattern.ts';
import type { EventPattern } from './event-pattern.ts';
import { arn } from './identity.ts';
import { AwsError } from './json-target-server.ts';
import { rateMillis } from './schedule.ts';

/** What makes a rule fire: an event, or that time has passed. */
export interface EventRule {
  readonly name: string;
  readonly arn: string;
  readonly pattern: string | undefined;
  readonly schedule: string | undefined;
  readonly state: string;
  readonly description: string | undefined;
  readonly matches: EventPattern;
  /** `undefined`: it has no schedule. */
  readonly periodMillis: number | undefined;
  readonly targets: Map<string, BusTarget>;
}

/**
 * A rule as `PutRule` gets it, with the targets of the one that it replaces.
 *
 * @throws AwsError
 */
export function eventRule(
  busName: string,
  { Name: name, EventPattern: pattern, ScheduleExpression: schedule, ...more }: PutRuleRequest,
  targets: Map<string, BusTarget> = new Map<string, BusTarget>(),
): EventRule {
  if (!name) throw invalid('Name is required.');
  if (!pattern && !schedule)
    throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  if (schedule && busName !== 'default')
    throw invalid('ScheduleExpression is supported only on the default event bus.');
  return {
    name,
    arn: arn('events', busName === 'default' ? `rule/${name}` : `rule/${busName}/${name}`),
    pattern,
    schedule,
    state: more.State ?? 'ENABLED',
    description: more.Description,
    matches: pattern ? compiled(pattern) : () => false,
    periodMillis: schedule ? rateMillis(schedule) : undefined,
    targets,
  };
}

function compiled(pattern: string): EventPattern {
  try {
    return compileEventPattern(JSON.parse(pattern));
  } catch (error) {
    if (!(error instanceof EventPatternError) && !(error instanceof SyntaxError)) throw error;
    throw new AwsError(
      'InvalidEventPatternException',
      `Event pattern is not valid. Reason: ${error.message}`,
    );
  }
}

/** As `ListRules` and `DescribeRule` answer it. */
export function describeRule(busName: string, rule: EventRule) {
  const { name, arn, pattern, schedule, state, description } = rule;
  return {
    Name: name,
    Arn: arn,
    EventPattern: pattern,
    ScheduleExpression: schedule,
    State: state,
    Description: description,
    EventBusName: busName,
  };
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
