import { APP_NAMES, isApp, SHARED_NAMES, stackNamed, stackNames, type StackName } from './synth.ts';
import type { StageConfig } from './stage.ts';
import type { TerraformAction } from './terraform.ts';

/** What the command does: write stacks, or write them and run Terraform on them. */
export type Action = 'synth' | TerraformAction;

/**
 * The stacks that an action is for. Without a stack named, Terraform changes only what is no app's, because each app is
 * deployed alone. None when the stage has no use for the one named, so that a pipeline can ask for all.
 *
 * @throws StageError when no stage has such a stack
 */
export function stacksFor(
  action: Action,
  stage: StageConfig,
  stack: string | undefined,
): readonly StackName[] {
  const all = stackNames(stage);
  if (stack === undefined)
    return action === 'diff' || action === 'deploy' ? all.filter((name) => !isApp(name)) : all;
  const isUnused = [...APP_NAMES, ...SHARED_NAMES].some((name) => name === stack && !all.includes(name));
  return isUnused ? [] : [stackNamed(stack, stage)];
}
