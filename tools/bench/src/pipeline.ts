import type { Benchmark } from './benchmark.ts';
import { onLocalStack, type OwnStack } from './on-local-stack.ts';
import { emulatorOutcomesPerSecond } from './emulator-calls.ts';
import { runOutcomes } from './run-outcomes.ts';
import { type Row, sampledRow } from './row.ts';

const benchmark = 'pipeline';
const OUTCOMES = 20_000;
/** Enough to see what the emulators give; before and after the pipeline, because machines tire. */
const EMULATOR_OUTCOMES = 2_000;
const MIN_PER_SECOND = 120;
const MIN_RATIO = 0.5;

/** Outcomes through ingest, processor, lake and compliance router on the local stack, and what its emulators alone give. */
export const pipeline: Benchmark = {
  name: benchmark,
  run: async () => ({ rows: await onLocalStack(measure) }),
};

async function measure({ stack: { local }, clients }: OwnStack): Promise<readonly Row[]> {
  const before = await emulatorOutcomesPerSecond(clients, EMULATOR_OUTCOMES);
  const run = await runOutcomes(local, clients, { outcomes: OUTCOMES, perDelivery: 100 });
  const after = await emulatorOutcomesPerSecond(clients, EMULATOR_OUTCOMES);
  const emulators = sampledRow(
    { benchmark, measure: 'outcomes per second: the same calls to the emulators alone', unit: '/s' },
    [before, after],
  );
  const row = (measure: string, value: number, unit: string): Row => ({ benchmark, measure, value, unit });
  return [
    {
      ...row('outcomes per second, from the first delivery to the last row', run.perSecond, '/s'),
      target: { atLeast: MIN_PER_SECOND },
    },
    emulators,
    {
      ...row('ratio', run.perSecond / emulators.value, '×'),
      ...(emulators.spread !== undefined && { spread: emulators.spread }),
      target: { atLeast: MIN_RATIO },
    },
    { ...row(`of ${OUTCOMES.toLocaleString('en')} outcomes: lost`, run.lost, ''), target: { atMost: 0 } },
    {
      ...row(`of ${OUTCOMES.toLocaleString('en')} outcomes: doubled`, run.doubled, ''),
      target: { atMost: 0 },
    },
  ];
}
