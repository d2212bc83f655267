import type {
  CreateEventBusRequest,
  CreatePartnerEventSourceRequest,
  DeleteRuleRequest,
  DescribeEventBusRequest,
  DescribeRuleRequest,
  ListRulesRequest,
  ListTargetsByRuleRequest,
  PutEventsRequest,
  PutEventsRequestEntry,
  PutRuleRequest,
  PutTargetsRequest,
  RemoveTargetsRequest,
} from '@aws-sdk/client-eventbridge';
import { randomUUID } from 'node:crypto';
import { busTarget } from './bus-target.ts';
import type { BusEvent, BusTarget } from './bus-target.ts';
import { describeRule, eventRule } from './event-rule.ts';
import type { EventRule } from './event-rule.ts';
import { ACCOUNT, arn, REGION } from './identity.ts';
import { AwsError } from './json-target-server.ts';
import type { Actions } from './json-target-server.ts';
import type { Every } from './schedule.ts';

interface Bus {
  readonly name: string;
  readonly arn: string;
  /** The partner event source whose events it takes, and no others. */
  readonly eventSourceName: string | undefined;
  readonly rules: Map<string, EventRule>;
}

export interface EventBridgeDeps {
  readonly now: () => Date;
  /** Takes an event on its way to a target; returns at once and keeps trying by itself. */
  readonly deliver: (event: BusEvent, target: BusTarget) => void;
  readonly every: Every;
}

/** EventBridge's operations, and its end. */
export interface EventBridge {
  readonly actions: Actions;
  /** Puts an event of AWS itself on the default bus, which `PutEvents` lets nobody do. */
  readonly announce: (event: AwsEvent) => void;
  /** Ends the schedules. */
  readonly stop: () => void;
}

/** What a service of AWS says of itself. */
export interface AwsEvent {
  /** Such as `aws.cloudwatch`. */
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: object;
}

const MAX_ENTRIES = 10;
const MAX_REQUEST_BYTES = 1024 * 1024;
const MAX_TARGETS_PER_RULE = 5;

/** EventBridge's buses, rules on event patterns and schedules, and targets, in memory. */
export function createEventBridge(deps: EventBridgeDeps): EventBridge {
  const buses = new Map([['default', newBus('default')]]);
  const partnerSources = new Set<string>();
  const schedules = createSchedules(deps);

  const busOf = (nameOrArn: string | undefined): Bus => {
    const name = busNameIn(nameOrArn ?? 'default');
    const bus = buses.get(name);
    if (!bus) throw new AwsError('ResourceNotFoundException', `Event bus ${name} does not exist.`);
    return bus;
  };
  const ruleOf = (bus: Bus, name: string | undefined): EventRule => {
    const rule = bus.rules.get(name ?? '');
    if (!rule)
      throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus.name}.`);
    return rule;
  };

  const actions: Actions = {
    // Here we are the partner too.
    CreatePartnerEventSource: ({ Name: name }: CreatePartnerEventSourceRequest) => {
      if (!name?.startsWith('aws.partner/'))
        throw new AwsError('ValidationException', 'Name must be aws.partner/{partner}/{source}.');
      if (partnerSources.has(name))
        throw new AwsError('ResourceAlreadyExistsException', `Partner event source ${name} already exists.`);
      partnerSources.add(name);
      return { EventSourceArn: arn('events', `event-source/${name}`) };
    },
    CreateEventBus: ({ Name: name, EventSourceName: eventSourceName }: CreateEventBusRequest) => {
      if (!name) throw new AwsError('ValidationException', 'Name is required.');
      if (buses.has(name))
        throw new AwsError('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);
      checkPartner(name, eventSourceName, partnerSources);
      const bus = newBus(name, eventSourceName);
      buses.set(name, bus);
      return { EventBusArn: bus.arn };
    },
    DescribeEventBus: ({ Name: name }: DescribeEventBusRequest) => {
      const bus = busOf(name);
      return { Name: bus.name, Arn: bus.arn };
    },
    PutRule: (input: PutRuleRequest) => {
      const bus = busOf(input.EventBusName);
      const rule = eventRule(bus.name, input, bus.rules.get(input.Name ?? '')?.targets);
      bus.rules.set(rule.name, rule);
      schedules.put(rule);
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
    DescribeRule: ({ EventBusName: busName, Name: name }: DescribeRuleRequest) => {
      const bus = busOf(busName);
      return describeRule(bus.name, ruleOf(bus, name));
    },
    RemoveTargets: ({ EventBusName: busName, Rule: ruleName, Ids: ids = [] }: RemoveTargetsRequest) => {
      const rule = ruleOf(busOf(busName), ruleName);
      for (const id of ids) rule.targets.delete(id);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    ListRules: ({ EventBusName: busName, NamePrefix: prefix = '' }: ListRulesRequest) => {
      const bus = busOf(busName);
      const rules = [...bus.rules.values()].filter(({ name }) => name.startsWith(prefix));
      return { Rules: rules.map((rule) => describeRule(bus.name, rule)) };
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
      schedules.remove(name ?? '');
      return {};
    },
    PutEvents: (input: PutEventsRequest) => putEvents(input, { ...deps, busOf }),
  };
  const announce = ({ source, detailType, resources, detail }: AwsEvent): void => {
    const entry = {
      Source: source,
      DetailType: detailType,
      Resources: [...resources],
      Detail: JSON.stringify(detail),
    };
    deliverFrom(busOf('default'), busEvent(entry, deps.now()), deps);
  };
  return { actions, announce, stop: schedules.stop };
}

function newBus(name: string, eventSourceName?: string): Bus {
  return { name, arn: arn('events', `event-bus/${name}`), eventSourceName, rules: new Map() };
}

/** A partner's bus has slashes in its name, so the last part of an ARN is not enough. */
const busNameIn = (nameOrArn: string): string => nameOrArn.replace(/^arn:[^/]*:event-bus\//, '');

/** As EventBridge refuses it. */
function checkPartner(name: string, eventSourceName: string | undefined, known: ReadonlySet<string>): void {
  if (eventSourceName === undefined) {
    if (name.includes('/')) throw new AwsError('ValidationException', 'Event bus name must not contain /.');
    return;
  }
  if (name !== eventSourceName)
    throw new AwsError('ValidationException', 'Name must be the same as EventSourceName.');
  if (!known.has(eventSourceName))
    throw new AwsError('ResourceNotFoundException', `Event source ${eventSourceName} does not exist.`);
}

/** Lets rules with a schedule fire; only the default bus has such, so their names are enough. */
function createSchedules({ now, deliver, every }: EventBridgeDeps) {
  const running = new Map<string, () => void>();
  const remove = (name: string): void => {
    running.get(name)?.();
    running.delete(name);
  };
  return {
    remove,
    put: (rule: EventRule): void => {
      if (rule.schedule === undefined) return;
      remove(rule.name);
      if (rule.periodMillis === undefined || rule.state !== 'ENABLED') return;
      const fire = (): void => {
        for (const target of rule.targets.values()) deliver(scheduledEvent(rule, now()), target);
      };
      running.set(rule.name, every(rule.periodMillis, fire));
    },
    stop: (): void => [...running.keys()].forEach(remove),
  };
}

/** What a target without `Input` gets when a schedule fires. */
function scheduledEvent({ arn: ruleArn }: EventRule, now: Date): BusEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: ACCOUNT,
    time: isoSeconds(undefined, now),
    region: REGION,
    resources: [ruleArn],
    detail: {},
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
    checkSource(entry.Source ?? '', bus);
    const event = busEvent(entry, deps.now());
    deliverFrom(bus, event, deps);
    return { EventId: event.id };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { ErrorCode: error.code, ErrorMessage: error.message };
  }
}

function deliverFrom({ rules }: Bus, event: BusEvent, { deliver }: Pick<EventBridgeDeps, 'deliver'>): void {
  const matching = [...rules.values()].filter((rule) => rule.state === 'ENABLED' && rule.matches(event));
  for (const rule of matching) for (const target of rule.targets.values()) deliver(event, target);
}

/** Nobody but AWS and its partners speaks for `aws.…`; here whoever has a partner's bus speaks for the partner. */
function checkSource(source: string, { eventSourceName }: Bus): void {
  if (source === eventSourceName) return;
  if (source.startsWith('aws.') || eventSourceName !== undefined)
    throw new AwsError('NotAuthorizedForSourceException', `Not authorized for the source ${source}.`);
}

function busEvent(entry: PutEventsRequestEntry, now: Date): BusEvent {
  const { Source: source, DetailType: detailType, Detail: detail } = entry;
  if (!source || !detailType || !detail) {
    throw new AwsError('InvalidArgument', 'Source, DetailType and Detail are required and not empty.');
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
