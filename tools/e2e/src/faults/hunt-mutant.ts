import { faultMatrix, referenceRun } from './fault-matrix.ts';
import type { Mutant } from './mutants.ts';
import { runStage, type Suite } from './run-stage.ts';
import { SCENARIOS } from './scenarios.ts';
import { type Fault, faultsBetween } from './sinks.ts';
import { buildFunctions } from './suite.ts';

/** What gave a mutant away, and how many runs that took; nothing did when `faults` is empty. */
export interface Hunt {
  readonly mutant: string;
  readonly runs: number;
  readonly faults: readonly Fault[];
}

/** Runs what a mutant must show in, in comparison with the code as it is, until something is wrong. */
export async function huntMutant(suite: Suite, mutant: Mutant): Promise<Hunt> {
  const code = new Map([...suite.code, ...(await buildFunctions(mutant.apps, [mutant.change]))]);
  let runs = 0;
  for await (const faults of runsOf({ ...suite, code }, suite, mutant)) {
    runs += 1;
    if (faults.length > 0) return { mutant: mutant.name, runs, faults };
  }
  return { mutant: mutant.name, runs, faults: [] };
}

async function* runsOf(
  mutated: Suite,
  suite: Suite,
  { shows, when }: Mutant,
): AsyncGenerator<readonly Fault[], void> {
  const scenario = SCENARIOS.find(({ name }) => name === shows);
  if (!scenario) throw new Error(`there is no scenario ${shows}`);
  const reference = await referenceRun(suite, scenario);
  const untouched = await runStage(mutated, { ...scenario, seed: 1, habits: 'steady' });
  yield [...untouched.faults, ...faultsBetween(reference.sinks, untouched.sinks)];
  const kinds = when === undefined ? [] : [when];
  for await (const { faults } of faultMatrix(mutated, scenario, reference, { kinds })) yield faults;
}
