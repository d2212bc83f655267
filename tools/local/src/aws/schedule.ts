import { AwsError } from './json-target-server.ts';

const UNIT_MILLIS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Timers take no more: a longer pause is made of several. */
const LONGEST_TIMER_MILLIS = 2 ** 31 - 1;

/** Calls again and again until the returned function is called; the first time after one such pause. */
export type Every = (millis: number, run: () => void) => () => void;

/**
 * How often a schedule such as `rate(5 minutes)` fires, in milliseconds.
 *
 * @throws AwsError for anything else: `cron(…)` is not known here
 */
export function rateMillis(expression: string): number {
  const [, count, unit = '', plural] = /^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  const isAsAwsWritesIt = (count === '1') === (plural === '');
  const millis = UNIT_MILLIS[unit];
  if (millis !== undefined && isAsAwsWritesIt) return Number(count) * millis;
  const hint = expression.startsWith('cron(')
    ? 'The local EventBridge has schedules at a rate only, such as rate(1 day), and no cron.'
    : 'Parameter ScheduleExpression is not valid.';
  throw new AwsError('ValidationException', hint);
}

/** Keeps the time of the clock and not of its own lateness. */
export const every: Every = (millis, run) => {
  let dueMillis = Date.now() + millis;
  let timer = setTimeout(() => undefined, 0);
  const wait = (): void => {
    const leftMillis = Math.max(0, dueMillis - Date.now());
    timer = setTimeout(
      leftMillis > LONGEST_TIMER_MILLIS ? wait : fire,
      Math.min(leftMillis, LONGEST_TIMER_MILLIS),
    );
  };
  const fire = (): void => {
    dueMillis += millis;
    wait();
    run();
  };
  clearTimeout(timer);
  wait();
  return () => clearTimeout(timer);
};
