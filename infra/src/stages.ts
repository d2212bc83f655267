import { dev } from '../stages/dev.ts';
import { full } from '../stages/full.ts';
import { local } from '../stages/local.ts';
import { StageError, validStage, type StageConfig } from './stage.ts';

const STAGES: readonly StageConfig[] = [local, dev, full];

/**
 * The checked stage of that name.
 *
 * @throws StageError when there is none, or when it is not valid
 */
export function stageNamed(name: string): StageConfig {
  const stage = STAGES.find((one) => one.name === name);
  if (!stage) {
    const known = STAGES.map((one) => one.name).join(', ');
    throw new StageError(
      `unknown stage ${JSON.stringify(name)}: there are ${known} (infra/stages, listed in infra/src/stages.ts)`,
    );
  }
  return validStage(stage);
}
