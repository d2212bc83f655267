import { DataAwsSsmParameter } from '@cdktn/provider-aws/lib/data-aws-ssm-parameter/index.js';
import { DataAwsDynamodbTable } from '@cdktn/provider-aws/lib/data-aws-dynamodb-table/index.js';
import { DataAwsS3Bucket } from '@cdktn/provider-aws/lib/data-aws-s3-bucket/index.js';
import { DataAwsSecretsmanagerSecret } from '@cdktn/provider-aws/lib/data-aws-secretsmanager-secret/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../names.ts';
import type { StageConfig } from '../stage.ts';
import { archiveGrants } from './quarantine-grants.ts';
import { allow, type Statement } from './statement.ts';

/** What every consumer with circuits is told; the names are those of `circuitVariables` in libs/environment. */
export const circuitEnvironment = ({ circuits }: StageConfig, names: Names) => ({
  CIRCUITS_PARAMETER: names.circuitsParameter,
  CIRCUIT_MAX_HELD_SECONDS: String(circuits.maxHeldSeconds),
  SET_ASIDE_BUCKET: names.setAsideBucket,
  SET_ASIDE_TABLE: names.setAsideTable,
  SEALING_SECRET_NAME: names.sealingSecret,
  BUS_NAME: names.bus,
});

/** What it takes to hear of open circuits, and to tell of them: the stage's one document. */
export function circuitGrants(scope: Construct, names: Names): readonly Statement[] {
  const circuits = new DataAwsSsmParameter(scope, 'circuits', { name: names.circuitsParameter });
  return [allow(['ssm:GetParameter', 'ssm:PutParameter'], [circuits.arn])];
}

/** The same, and what it takes to archive, for a consumer that has no other use for it. */
export function holdingGrants(scope: Construct, names: Names): readonly Statement[] {
  const bucket = new DataAwsS3Bucket(scope, 'set_aside_bucket', { bucket: names.setAsideBucket });
  const table = new DataAwsDynamodbTable(scope, 'set_aside_table', { name: names.setAsideTable });
  const sealing = new DataAwsSecretsmanagerSecret(scope, 'sealing', { name: names.sealingSecret });
  return [
    ...circuitGrants(scope, names),
    ...archiveGrants({ bucket, table }),
    allow(['secretsmanager:GetSecretValue'], [sealing.arn]),
  ];
}
