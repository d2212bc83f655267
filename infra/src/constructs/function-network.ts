import { DataAwsSecurityGroup } from '@cdktn/provider-aws/lib/data-aws-security-group/index.js';
import { DataAwsSubnet } from '@cdktn/provider-aws/lib/data-aws-subnet/index.js';
import type { LambdaFunctionVpcConfig } from '@cdktn/provider-aws/lib/lambda-function/index.js';
import type { Construct } from 'constructs';
import type { AppName } from '../app-stacks.ts';
import { names } from '../names.ts';
import { isCaller } from '../network-settings.ts';
import { stageOf } from './stage-of.ts';
import { NETWORK_INTERFACES, type Statement } from './statement.ts';

/** Where a function runs, and what Lambda needs its role for to put it there. */
export interface FunctionNetwork {
  readonly vpcConfig: LambdaFunctionVpcConfig;
  readonly grants: readonly Statement[];
}

/** A function's place in the stage's network; `undefined` for one that runs in Lambda's own. */
export function functionNetwork(scope: Construct, app: AppName): FunctionNetwork | undefined {
  const stage = stageOf(scope);
  const { network } = stage;
  if (!network?.functions.includes(app)) return undefined;
  const named = names(stage);
  const [kind, part] = isCaller(app)
    ? (['outward', 'callers'] as const)
    : (['private', 'functions'] as const);
  const subnets = network.zones.map(
    (zone) => new DataAwsSubnet(scope, `subnet_${zone}`, { tags: { Name: named.subnet(kind, zone) } }),
  );
  const group = new DataAwsSecurityGroup(scope, 'group', { name: named.securityGroup(part) });
  return {
    vpcConfig: { subnetIds: subnets.map(({ id }) => id), securityGroupIds: [group.id] },
    grants: [NETWORK_INTERFACES],
  };
}
