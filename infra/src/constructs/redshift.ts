import { DataAwsS3Bucket } from '@cdktn/provider-aws/lib/data-aws-s3-bucket/index.js';
import { DataAwsSubnet } from '@cdktn/provider-aws/lib/data-aws-subnet/index.js';
import { DataAwsVpc } from '@cdktn/provider-aws/lib/data-aws-vpc/index.js';
import { RedshiftserverlessNamespace } from '@cdktn/provider-aws/lib/redshiftserverless-namespace/index.js';
import { RedshiftserverlessUsageLimit } from '@cdktn/provider-aws/lib/redshiftserverless-usage-limit/index.js';
import { RedshiftserverlessWorkgroup } from '@cdktn/provider-aws/lib/redshiftserverless-workgroup/index.js';
import { SecurityGroup } from '@cdktn/provider-aws/lib/security-group/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../names.ts';
import type { WarehouseSettings } from '../warehouse-settings.ts';
import { CATALOG_READS, catalogArns } from './scheduled-query.ts';
import { serviceRole } from './service-role.ts';
import { stageKeyArn } from './stage-key.ts';
import { stageOf } from './stage-of.ts';
import { allow } from './statement.ts';

/** How much of Redshift, and under which names. */
export interface RedshiftProps {
  readonly settings: NonNullable<WarehouseSettings['redshift']>;
  readonly names: Names;
}

/** Redshift Serverless that reads the lake through Spectrum, in the stage's network: asked through the Data API, reached by nobody. */
export function redshift(scope: Construct, { settings, names }: RedshiftProps): void {
  const keyArn = stageKeyArn(scope);
  const role = spectrumRole(scope, names);
  const namespace = new RedshiftserverlessNamespace(scope, 'namespace', {
    namespaceName: names.warehouse,
    dbName: 'aftercall',
    // Redshift makes the password up and keeps it in Secrets Manager: it is in no plan and no state.
    manageAdminPassword: true,
    ...(keyArn !== undefined && { kmsKeyId: keyArn, adminPasswordSecretKmsKeyId: keyArn }),
    iamRoles: [role],
    defaultIamRoleArn: role,
    logExports: ['useractivitylog', 'userlog', 'connectionlog'],
  });
  const workgroup = new RedshiftserverlessWorkgroup(scope, 'redshift', {
    workgroupName: names.warehouse,
    namespaceName: namespace.namespaceName,
    baseCapacity: settings.baseCapacity,
    publiclyAccessible: false,
    configParameter: [{ parameterKey: 'require_ssl', parameterValue: 'true' }],
    ...placeOf(scope, names),
  });
  new RedshiftserverlessUsageLimit(scope, 'limit', {
    resourceArn: workgroup.arn,
    usageType: 'serverless-compute',
    period: 'monthly',
    amount: settings.hoursPerMonth,
    breachAction: 'deactivate',
  });
}

function placeOf(scope: Construct, names: Names) {
  const vpc = new DataAwsVpc(scope, 'vpc', { tags: { Name: names.vpc } });
  const subnets = (stageOf(scope).network?.zones ?? []).map(
    (zone) => new DataAwsSubnet(scope, `subnet_${zone}`, { tags: { Name: names.subnet('private', zone) } }),
  );
  const group = new SecurityGroup(scope, 'warehouse_group', {
    vpcId: vpc.id,
    name: names.securityGroup('warehouse'),
    description: 'Redshift, which nothing connects to.',
  });
  return { subnetIds: subnets.map(({ id }) => id), securityGroupIds: [group.id] };
}

function spectrumRole(scope: Construct, names: Names): string {
  const lake = new DataAwsS3Bucket(scope, 'spectrum_lake', { bucket: names.lakeBucket });
  return serviceRole(scope, 'spectrum', {
    name: names.spectrumRole,
    services: ['redshift.amazonaws.com', 'redshift-serverless.amazonaws.com'],
    grants: [
      allow(CATALOG_READS, catalogArns(scope, names)),
      allow(['s3:GetObject'], [`${lake.arn}/outcomes/*`]),
      allow(['s3:ListBucket', 's3:GetBucketLocation'], [lake.arn]),
    ],
  }).arn;
}
