import { alarmStateChange, unknownState } from './alarm-event.ts';
import type { AlarmState, AlarmStateChange } from './alarm-event.ts';
import type { AlarmSpec } from './alarm-spec.ts';
import { embeddedMetrics } from './embedded-metrics.ts';
import { evaluateAlarm } from './evaluate-alarm.ts';
import type { StateValue } from './evaluate-alarm.ts';
import { createMetricStore } from './metric-store.ts';
import type { Metric } from './metric-store.ts';

export interface AlarmsDeps {
  readonly now: () => Date;
  /** Puts an event on the default bus, as only AWS itself may. */
  readonly announce: (change: AlarmStateChange) => void;
  /** For people: that something is wrong, or no longer is. */
  readonly print: (line: string) => void;
}

/** An alarm as tools ask for it. */
export interface AlarmView {
  readonly name: string;
  readonly state: StateValue;
  readonly reason: string;
  readonly since: string;
}

/** The alarms of a stack, fed by what the functions log and by what is noticed of AWS. */
export interface Alarms {
  /** Takes a record of a function's log; only its metrics matter. */
  readonly take: (record: Readonly<Record<string, unknown>>) => void;
  /** Takes what AWS would measure by itself. */
  readonly note: (metric: Metric, value: number) => void;
  /** Looks at every alarm once, and tells of those whose state is another now. */
  readonly evaluate: () => void;
  readonly states: () => readonly AlarmView[];
}

/** A line that was written before a period ended may be read a little later. */
const LATE_MILLIS = 2_000;

/** Begins with every alarm unknown, as CloudWatch does. */
export function createAlarms(specs: readonly AlarmSpec[], deps: AlarmsDeps): Alarms {
  const since = deps.now();
  const store = createMetricStore(
    specs.flatMap(({ metrics, periods, periodMillis }) =>
      metrics.map((metric) => ({ metric, windowMillis: (periods + 1) * periodMillis })),
    ),
  );
  const states = new Map<AlarmSpec, AlarmState>(specs.map((spec) => [spec, unknownState(since)]));

  const looked = new Map<AlarmSpec, number>();

  const look = (spec: AlarmSpec): void => {
    const at = deps.now();
    const nowMillis = at.getTime() - LATE_MILLIS;
    const period = Math.floor(nowMillis / spec.periodMillis);
    // Until another period has ended nothing can have changed.
    if (looked.get(spec) === period) return;
    looked.set(spec, period);
    const before = states.get(spec) ?? unknownState(since);
    const evaluation = evaluateAlarm(spec, {
      values: store.values,
      nowMillis,
      sinceMillis: since.getTime(),
      before: before.state,
    });
    if (evaluation.state === before.state) return;
    const after = { ...evaluation, since: at };
    states.set(spec, after);
    deps.announce(alarmStateChange(spec, before, after));
    const isNews = after.state === 'ALARM' || before.state === 'ALARM';
    if (isNews) deps.print(`alarm ${spec.name} ${after.state}: ${spec.description}`);
  };
  return {
    take: (record) => {
      for (const { metric, values, atMillis } of embeddedMetrics(record)) store.put(metric, values, atMillis);
    },
    note: (metric, value) => store.put(metric, [value], deps.now().getTime()),
    evaluate: () => specs.forEach(look),
    states: () =>
      [...states].map(([{ name }, { state, reason, since: at }]) => ({
        name,
        state,
        reason,
        since: at.toISOString(),
      })),
  };
}
