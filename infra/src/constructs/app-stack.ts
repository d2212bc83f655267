import { AwsProvider } from '@cdktn/provider-aws/lib/provider/index.js';
import { S3Backend, TerraformStack, type App } from 'cdktn';
import type { AppName } from '../app-stacks.ts';
import { teamOf } from '../code-owners.ts';
import type { StageConfig } from '../stage.ts';
import { bindStage } from './stage-of.ts';

/** Who owns what no app owns. */
const MAINTAINERS = 'maintainers';

/**
 * An empty stack with a state of its own, bound to the stage's account so that it cannot be applied to another one.
 * @param owner the app whose stack it is; without it the maintainers own it
 */
export function appStack(app: App, id: string, stage: StageConfig, owner?: AppName): TerraformStack {
  const stack = new TerraformStack(app, id);
  bindStage(stack, stage);
  new S3Backend(stack, {
    bucket: stage.stateBucket,
    key: `aftercall/${stage.name}/${id}.tfstate`,
    region: stage.region,
    encrypt: true,
    useLockfile: true,
  });
  new AwsProvider(stack, 'aws', {
    region: stage.region,
    allowedAccountIds: [stage.account],
    defaultTags: [{ tags: tagsOf(id, stage, owner) }],
  });
  return stack;
}

const tagsOf = (id: string, { name, costCentre }: StageConfig, owner: AppName | undefined) => ({
  application: 'aftercall',
  stage: name,
  stack: id,
  team: owner ? teamOf(owner) : MAINTAINERS,
  ...(owner && { app: owner }),
  ...(costCentre !== undefined && { 'cost-centre': costCentre }),
});
