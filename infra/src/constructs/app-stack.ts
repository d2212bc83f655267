import { AwsProvider } from '@cdktn/provider-aws/lib/provider/index.js';
import { S3Backend, TerraformStack, type App } from 'cdktn';
import type { StageConfig } from '../stage.ts';

/** An empty stack with a state of its own, bound to the stage's account so that it cannot be applied to another one. */
export function appStack(app: App, id: string, stage: StageConfig): TerraformStack {
  const stack = new TerraformStack(app, id);
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
    defaultTags: [{ tags: { application: 'aftercall', stage: stage.name, stack: id } }],
  });
  return stack;
}
