import type { Benchmark } from './benchmark.ts';
import { onLocalStack } from './on-local-stack.ts';
import type { Row } from './row.ts';
import { batchBesideOthers } from './worst-day-batch.ts';
import { burst } from './worst-day-burst.ts';
import { hotConversation } from './worst-day-hot.ts';
import type { PartRow } from './worst-day-rows.ts';

const benchmark = 'worst-day';

/**
 * A processor that has nothing to tell the bus: no outcome of these has a transcript. What lies behind the bus would
 * take half of the machine and knows nothing of conversations that wait for each other.
 */
const NOTHING_BEHIND = {
  environment: ({ app }: { readonly app: string }): Readonly<Record<string, string>> =>
    app === 'processor' ? { PUBLISHES: '["aftercall.transcript.ready"]' } : {},
};

/** A burst through the whole pipeline; one conversation that is hot, and a delivery of 20,000 outcomes, each among others. */
export const worstDay: Benchmark = {
  name: benchmark,
  run: async () => ({
    rows: [
      ...named('burst', await onLocalStack(burst)),
      ...named('hot conversation', await onLocalStack(hotConversation, NOTHING_BEHIND)),
      ...named('batch of 20,000', await onLocalStack(batchBesideOthers, NOTHING_BEHIND)),
    ],
  }),
};

const named = (part: string, rows: readonly PartRow[]): readonly Row[] =>
  rows.map((row) => ({ ...row, benchmark, measure: `${part}: ${row.measure}` }));
