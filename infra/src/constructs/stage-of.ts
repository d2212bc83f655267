import { TerraformStack } from 'cdktn';
import type { Construct } from 'constructs';
import type { StageConfig } from '../stage.ts';

const STAGES = new WeakMap<TerraformStack, StageConfig>();

/** Notes which stage a stack belongs to, once, when it is made. */
export function bindStage(stack: TerraformStack, stage: StageConfig): void {
  STAGES.set(stack, stage);
}

/**
 * The stage that a construct is made for: what holds for every queue, bucket or function of a stage need not be handed
 * to each of them, and so no stack can forget it.
 *
 * @throws Error below a stack that `appStack` has not made
 */
export function stageOf(scope: Construct): StageConfig {
  const stage = STAGES.get(TerraformStack.of(scope));
  if (!stage) throw new Error('make the stack with appStack');
  return stage;
}
