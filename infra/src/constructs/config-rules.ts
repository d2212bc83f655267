import { ConfigConfigRule } from '@cdktn/provider-aws/lib/config-config-rule/index.js';
import type { Construct } from 'constructs';
import { names } from '../names.ts';
import { RUNTIME } from './app-function.ts';
import { stageOf } from './stage-of.ts';

/** A rule that AWS keeps, by its identifier, and what it says when it does not hold. */
interface ManagedRule {
  readonly identifier: string;
  readonly says: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** How long a secret may stay what it is: a quarter, and a month to do something about it. */
const LONGEST_ROTATION_DAYS = 120;

/** @see https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html */
const RULES: Readonly<Record<string, ManagedRule>> = {
  'secret-rotation': {
    identifier: 'SECRETSMANAGER_SECRET_PERIODIC_ROTATION',
    says: 'A secret has not been rotated for four months.',
    parameters: { maxDaysSinceRotation: String(LONGEST_ROTATION_DAYS) },
  },
  'key-rotation': {
    identifier: 'CMK_BACKING_KEY_ROTATION_ENABLED',
    says: 'A key does not rotate by itself.',
  },
  'table-encryption': {
    identifier: 'DYNAMODB_TABLE_ENCRYPTED_KMS',
    says: 'A table is not encrypted with a key of the account.',
  },
  'bucket-encryption': {
    identifier: 'S3_DEFAULT_ENCRYPTION_KMS',
    says: 'A bucket is not encrypted with a key of the account.',
  },
  'secret-encryption': {
    identifier: 'SECRETSMANAGER_USING_CMK',
    says: 'A secret is not encrypted with a key of the account.',
  },
  'topic-encryption': {
    identifier: 'SNS_ENCRYPTED_KMS',
    says: 'A topic is not encrypted with a key of the account.',
  },
  'table-recovery': {
    identifier: 'DYNAMODB_PITR_ENABLED',
    says: 'A table cannot be brought back to a point in time.',
  },
  'bucket-public-access': {
    identifier: 'S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED',
    says: 'A bucket may be opened to the public.',
  },
  'bucket-tls': {
    identifier: 'S3_BUCKET_SSL_REQUESTS_ONLY',
    says: 'A bucket answers without TLS.',
  },
  'function-public-access': {
    identifier: 'LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED',
    says: 'A function may be called by everybody.',
  },
  'function-runtime': {
    identifier: 'LAMBDA_FUNCTION_SETTINGS_CHECK',
    says: 'A function runs in another runtime than the one that is deployed here, which is supported.',
    parameters: { runtime: RUNTIME },
  },
};

/** What only a key of the stage's own can keep. */
const NEEDS_KEY = /-encryption$|^key-/;

/**
 * Has AWS Config say what of ours is no longer as it was deployed, whoever changed it. The account records its
 * configuration already: there is one recorder in a region, and it is not ours to make.
 */
export function configRules(scope: Construct): void {
  const stage = stageOf(scope);
  for (const [rule, { identifier, says, parameters }] of Object.entries(RULES)) {
    if (!stage.customerKey && NEEDS_KEY.test(rule)) continue;
    new ConfigConfigRule(scope, `config_${rule.replaceAll('-', '_')}`, {
      name: names(stage).configRule(rule),
      description: says,
      source: { owner: 'AWS', sourceIdentifier: identifier },
      scope: { tagKey: 'application', tagValue: 'aftercall' },
      ...(parameters && { inputParameters: JSON.stringify(parameters) }),
    });
  }
}
