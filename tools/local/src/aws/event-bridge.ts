import type {
  CreateEventBusRequest,
  DeleteRuleRequest,
  DescribeEventBusRequest,
  ListRulesRequest,
  ListTargetsByRuleRequest,
  PutEventsRequest,
  PutEventsRequestEntry,
  PutRuleRequest,
  PutTargetsRequest,
  RemoveTargetsRequest,
} from '@aws-sdk/client-eventbridge';
import { randomUUID } from 'node:crypto';
import { compileEventPattern, EventPatternError } from './event-pattern.ts';
import type { EventPattern } from './event-pattern.ts';
import { busTarget } from './bus-target.ts';
import type { BusEvent, BusTarget } from './bus-target.ts';
import { ACCOUNT, arn, nameIn, REGION } from './identity.ts';
import { AwsError } from './json-target-server.ts';
import type { Actions } from './json-target-server.ts';

interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly pattern: string;
  readonly state: string;
  readonly description: string | undefined;
  readonly matches: EventPattern;
  readonly targets: Map<string, BusTarget>;
}

interface Bus {
  readonly name: string;
  readonly arn: string;
  readonly rules: Map<string, Rule>;
}

export interface EventBridgeDeps {
  readonly now: () => Date;
  /** Takes an event on its way to a target; returns at once and keeps trying by itself. */
  readonly deliver: (event: BusEvent, target: BusTarget) => void;
}

const MAX_ENTRIES = 10;
const MAX_REQUEST_BYTES = 1024 * 1024;
const MAX_TARGETS_PER_RULE = 5;

/** EventBridge's buses, rules on event patterns and targets, in memory. */
export function eventBridgeActions(deps: EventBridgeDeps): Actions {
  const buses = new Map([['default', newBus('default')]]);

  const busOf = (nameOrArn: string | undefined): Bus => {
    const name = nameIn(nameOrArn ?? 'default');
    const bus = buses.get(name);
    if (!bus) throw new AwsError('ResourceNotFoundException', `Event bus ${name} does not exist.`);
    return bus;
  };
  const ruleOf = (bus: Bus, name: string | undefined): Rule => {
    const rule = bus.rules.get(name ?? '');
    if (!rule)
      throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus.name}.`);
    return rule;
  };

  return {
    CreateEventBus: ({ Name: name }: CreateEventBusRequest) => {
      if (!name) throw new AwsError('ValidationException', 'Name is required.');
      if (buses.has(name))
        throw new AwsError('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);
      const bus = newBus(name);
      buses.set(name, bus);
      return { EventBusArn: bus.arn };
    },
    DescribeEventBus: ({ Name: name }: DescribeEventBusRequest) => {
      const bus = busOf(name);
      return { Name: bus.name, Arn: bus.arn };
    },
    PutRule: (input: PutRuleRequest) => {
      const bus = busOf(input.EventBusName);
      const rule = newRule(bus, input);
      bus.rules.set(rule.name, rule);
      return { RuleArn: rule.arn };
    },
    PutTargets: ({ EventBusName: busName, Rule: ruleName, Targets: targets = [] }: PutTargetsRequest) => {
      const rule = ruleOf(busOf(busName), ruleName);
      const wanted = targets.map((target) => busTarget(target, rule.arn));
      const ids = new Set([...rule.targets.keys(), ...wanted.map(({ id }) => id)]);
      if (ids.size > MAX_TARGETS_PER_RULE) {
        throw new AwsError('LimitExceededException', `A rule has at most ${MAX_TARGETS_PER_RULE} targets.`);
      }
      for (const target of wanted) rule.targets.set(target.id, target);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    RemoveTargets: ({ EventBusName: busName, Rule: ruleName, Ids: ids = [] }: RemoveTargetsRequest) => {
      const rule = ruleOf(busOf(busName), ruleName);
      for (const id of ids) rule.targets.delete(id);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    ListRules: ({ EventBusName: busName, NamePrefix: prefix = '' }: ListRulesRequest) => {
      const bus = busOf(busName);
      const rules = [...bus.rules.values()].filter(({ name }) => name.startsWith(prefix));
      return { Rules: rules.map((rule) => describeRule(bus, rule)) };
    },
    ListTargetsByRule: ({ EventBusName: busName, Rule: ruleName }: ListTargetsByRuleRequest) => {
      const rule = ruleOf(busOf(busName), ruleName);
      return { Targets: [...rule.targets.values()].map(({ id, arn }) => ({ Id: id, Arn: arn })) };
    },
    DeleteRule: ({ EventBusName: busName, Name: name }: DeleteRuleRequest) => {
      const bus = busOf(busName);
      if ((bus.rules.get(name ?? '')?.targets.size ?? 0) > 0) {
        throw new AwsError('ValidationException', "Rule can't be deleted since it has targets.");
      }
      bus.rules.delete(name ?? '');
      return {};
    },
    PutEvents: (input: PutEventsRequest) => putEvents(input, { ...deps, busOf }),
  };
}

function newBus(name: string): Bus {
  return { name, arn: arn('events', `event-bus/${name}`), rules: new Map() };
}

function newRule(bus: Bus, input: PutRuleRequest): Rule {
  const { Name: name, EventPattern: pattern } = input;
  if (!name) throw new AwsError('ValidationException', 'Name is required.');
  if (!pattern)
    throw new AwsError(
      'ValidationException',
      'The local EventBridge has rules with an event pattern only, no schedules.',
    );
  return {
    name,
    arn: arn('events', bus.name === 'default' ? `rule/${name}` : `rule/${bus.name}/${name}`),
    pattern,
    state: input.State ?? 'ENABLED',
    description: input.Description,
    matches: compiled(pattern),
    targets: bus.rules.get(name)?.targets ?? new Map<string, BusTarget>(),
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

function describeRule(bus: Bus, rule: Rule) {
  const { name, arn, pattern, state, description } = rule;
  return {
    Name: name,
    Arn: arn,
    EventPattern: pattern,
    State: state,
    Description: description,
    EventBusName: bus.name,
  };
}

function putEvents(
  { Entries: entries = [] }: PutEventsRequest,
  deps: EventBridgeDeps & { busOf: (name: string | undefined) => Bus },
) {
  if (entries.length === 0 || entries.length > MAX_ENTRIES) {
    throw new AwsError(
      'ValidationException',
      `${entries.length} entries: between 1 and ${MAX_ENTRIES} are allowed.`,
    );
  }
  const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  if (bytes > MAX_REQUEST_BYTES) {
    throw new AwsError('ValidationException', 'Total size of the entries in the request is over the limit.');
  }
  const results = entries.map((entry) => putEvent(entry, deps));
  return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html, "calculating event entry size" */
function entryBytes(entry: PutEventsRequestEntry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  const timeBytes = entry.Time === undefined ? 0 : 14;
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), timeBytes);
}

function putEvent(
  entry: PutEventsRequestEntry,
  deps: EventBridgeDeps & { busOf: (name: string | undefined) => Bus },
) {
  try {
    const bus = deps.busOf(entry.EventBusName);
    const event = busEvent(entry, deps.now());
    const matching = [...bus.rules.values()].filter(
      (rule) => rule.state === 'ENABLED' && rule.matches(event),
    );
    for (const rule of matching) for (const target of rule.targets.values()) deps.deliver(event, target);
    return { EventId: event.id };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { ErrorCode: error.code, ErrorMessage: error.message };
  }
}

function busEvent(entry: PutEventsRequestEntry, now: Date): BusEvent {
  const { Source: source, DetailType: detailType, Detail: detail } = entry;
  if (!source || !detailType || !detail) {
    throw new AwsError('InvalidArgument', 'Source, DetailType and Detail are required and not empty.');
  }
  if (source.startsWith('aws.')) {
    throw new AwsError('NotAuthorizedForSourceException', `Not authorized for the source ${source}.`);
  }
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source,
    account: ACCOUNT,
    time: isoSeconds(entry.Time, now),
    region: REGION,
    resources: entry.Resources ?? [],
    detail: parsedDetail(detail),
  };
}

/** Times travel as epoch seconds and arrive in events without fractions. */
function isoSeconds(time: unknown, now: Date): string {
  const date = typeof time === 'number' ? new Date(time * 1000) : now;
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function parsedDetail(detail: string): object {
  const value = parsedOrUndefined(detail);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new AwsError('MalformedDetail', 'Detail is malformed: a JSON object is wanted.');
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
