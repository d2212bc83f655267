import { compileEventPattern, type DescribedStage, type EventPattern } from '@aftercall/local';
import type { VirtualQueue } from './virtual-queue.ts';
import type { VirtualTime } from './virtual-time.ts';

/** One request that the CRM got. */
export interface CrmRequest {
  readonly factId: string;
  /** Of the header, which a receiver goes by without reading the body. */
  readonly headerFactId: string;
}

/** What EventBridge does now and then. */
export interface BusHabits {
  /** Whether a rule fires twice for an event. */
  readonly firesTwice: () => boolean;
  /** Whether the CRM, asked now, fails. */
  readonly crmFails: () => boolean;
  /** Whether queues take messages now. */
  readonly queuesAreUp: () => boolean;
  readonly latencyMillis: () => number;
}

export interface VirtualBus {
  /** As PutEvents has them. */
  put(entries: readonly BusEntry[]): void;
  /** Facts that are on their way to a target. */
  underWay(): number;
  readonly crm: readonly CrmRequest[];
}

export interface BusEntry {
  readonly EventBusName: string;
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  /** The SDK's clients take a date, the API itself has seconds. */
  readonly Time: Date | number;
}

interface Rule {
  readonly bus: string;
  readonly matches: EventPattern;
  readonly targets: readonly Target[];
}

/** A queue, or, without one, the API destination. */
interface Target {
  readonly queue: VirtualQueue | undefined;
}

/** EventBridge keeps trying for a day. */
const RETRY_MILLIS = 20_000;

/** A bus with the rules and targets that are deployed. */
export function virtualBus(
  stage: DescribedStage,
  queues: ReadonlyMap<string, VirtualQueue>,
  { time, habits }: { readonly time: VirtualTime; readonly habits: BusHabits },
): VirtualBus {
  const rules = rulesOf(stage, queues);
  const crm: CrmRequest[] = [];
  let underWay = 0;
  const bring = (target: Target, event: BusEvent): void => {
    underWay += 1;
    time.after(habits.latencyMillis(), () => attempt(target, event));
  };
  const attempt = (target: Target, event: BusEvent): void => {
    const isTaken = target.queue ? habits.queuesAreUp() : !habits.crmFails();
    // A CRM that fails has read the request all the same.
    if (!target.queue) crm.push({ factId: event.detail.id, headerFactId: event.detail.id });
    if (!isTaken) return void time.after(RETRY_MILLIS, () => attempt(target, event));
    underWay -= 1;
    void target.queue?.send([{ entryId: '0', body: JSON.stringify(event), attributes: {} }]);
  };
  return {
    crm,
    underWay: () => underWay,
    put: (entries) => {
      for (const entry of entries) {
        const event = eventOf(entry);
        for (const rule of rules) {
          if (rule.bus !== entry.EventBusName || !rule.matches(event)) continue;
          for (const target of rule.targets) {
            bring(target, event);
            if (habits.firesTwice()) bring(target, event);
          }
        }
      }
    },
  };
}

interface BusEvent {
  readonly detail: { readonly id: string };
}

const eventOf = ({ Source, DetailType, Detail, Time }: BusEntry) => ({
  version: '0',
  id: 'virtual',
  'detail-type': DetailType,
  source: Source,
  account: '000000000000',
  time: new Date(typeof Time === 'number' ? Time * 1_000 : Time).toISOString(),
  region: 'eu-west-1',
  resources: [],
  detail: JSON.parse(Detail) as BusEvent['detail'],
});

function rulesOf({ resources }: DescribedStage, queues: ReadonlyMap<string, VirtualQueue>): readonly Rule[] {
  const ofType = (type: string) => resources.filter((one) => one.type === type).map(({ args }) => args);
  const targets = ofType('aws_cloudwatch_event_target');
  return ofType('aws_cloudwatch_event_rule')
    .filter((rule) => rule['event_pattern'] !== undefined)
    .map((rule) => ({
      bus: String(rule['event_bus_name']),
      matches: compileEventPattern(JSON.parse(String(rule['event_pattern']))),
      targets: targets
        .filter((target) => target['rule'] === rule['name'])
        .map((target) => ({ queue: queues.get(String(target['arn'])) })),
    }));
}
