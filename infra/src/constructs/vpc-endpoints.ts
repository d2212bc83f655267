import { VpcEndpoint } from '@cdktn/provider-aws/lib/vpc-endpoint/index.js';
import { VpcSecurityGroupEgressRule } from '@cdktn/provider-aws/lib/vpc-security-group-egress-rule/index.js';
import type { Construct } from 'constructs';
import type { StageConfig } from '../stage.ts';
import { HTTPS_PORT, type SecurityGroups } from './security-groups.ts';
import { policyDocument } from './statement.ts';

/** Free, by a route. */
const GATEWAYS = ['s3', 'dynamodb'] as const;

/** Paid by the hour and zone, by an address in the subnet. */
const INTERFACES = ['secretsmanager', 'sqs', 'events', 'ssm', 'kms', 'logs', 'states'] as const;

/** Where endpoints are to be, and for whom. */
export interface VpcEndpointsProps {
  readonly stage: StageConfig;
  readonly vpcId: string;
  readonly groups: SecurityGroups;
  readonly subnetIds: readonly string[];
  readonly routeTableIds: readonly string[];
}

/** Every service that a function calls, reached without the internet and by principals of this account only. */
export function vpcEndpoints(scope: Construct, props: VpcEndpointsProps): void {
  const { stage, vpcId, groups } = props;
  for (const service of GATEWAYS) {
    const endpoint = new VpcEndpoint(scope, service, {
      vpcId,
      serviceName: `com.amazonaws.${stage.region}.${service}`,
      vpcEndpointType: 'Gateway',
      routeTableIds: [...props.routeTableIds],
      policy: policyDocument([ofAccount(stage), ...(service === 's3' ? [SIGNED_DOWNLOADS] : [])]),
    });
    new VpcSecurityGroupEgressRule(scope, `functions_to_${service}`, {
      securityGroupId: groups.functions.id,
      prefixListId: endpoint.prefixListId,
      ipProtocol: 'tcp',
      fromPort: HTTPS_PORT,
      toPort: HTTPS_PORT,
    });
  }
  for (const service of INTERFACES) {
    new VpcEndpoint(scope, service, {
      vpcId,
      serviceName: `com.amazonaws.${stage.region}.${service}`,
      vpcEndpointType: 'Interface',
      privateDnsEnabled: true,
      subnetIds: [...props.subnetIds],
      securityGroupIds: [groups.endpoints.id],
      policy: policyDocument([ofAccount(stage)]),
    });
  }
}

/** What roles may do is for their own policies to say; here only whose they are. */
const ofAccount = ({ account }: StageConfig): object => ({
  Sid: 'ThisAccountOnly',
  Effect: 'Allow',
  Principal: '*',
  Action: '*',
  Resource: '*',
  Condition: { StringEquals: { 'aws:PrincipalAccount': account } },
});

/** A transcript's URL is signed by Genesys Cloud, whose account is not ours, and may lead to a bucket of this region. */
const SIGNED_DOWNLOADS: object = {
  Sid: 'SignedDownloads',
  Effect: 'Allow',
  Principal: '*',
  Action: 's3:GetObject',
  Resource: '*',
};
