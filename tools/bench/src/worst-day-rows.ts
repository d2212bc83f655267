import type { Row } from './row.ts';
import { percentile } from './statistics.ts';
import type { SentOutcome } from './worst-day-load.ts';

/** A row of one part of the worst day, which says what it is of. */
export type PartRow = Omit<Row, 'benchmark'>;

export const none = { target: { atMost: 0 } } as const;

/** The rows that end each part. */
export const lossRows = ({ lost, doubled }: { readonly lost: number; readonly doubled: number }) => [
  { measure: 'lost', value: lost, unit: '', ...none },
  { measure: 'doubled', value: doubled, unit: '', ...none },
];

/** Acknowledgement from a sender's side, repeated attempts included. */
export const acknowledgementRows = (when: string, sent: readonly SentOutcome[]): readonly PartRow[] =>
  [50, 99].map((percent) => ({
    measure: `acknowledgement ${when}, p${percent}`,
    value: percentile(
      sent.map(({ millis }) => millis),
      percent,
    ),
    unit: 'ms',
  }));

/** How many were sent a second: a machine that could not has not shown what was asked. */
export function sentPerSecond(sent: readonly SentOutcome[]): number {
  const times = sent.map(({ sentAt }) => sentAt);
  return (sent.length - 1) / ((Math.max(...times) - Math.min(...times)) / 1000);
}
