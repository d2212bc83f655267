import { DataAwsKmsAlias } from '@cdktn/provider-aws/lib/data-aws-kms-alias/index.js';
import { KmsAlias } from '@cdktn/provider-aws/lib/kms-alias/index.js';
import { KmsKey } from '@cdktn/provider-aws/lib/kms-key/index.js';
import { TerraformStack } from 'cdktn';
import type { Construct } from 'constructs';
import { names } from '../names.ts';
import type { StageConfig } from '../stage.ts';
import { stageOf } from './stage-of.ts';
import { policyDocument, type Statement } from './statement.ts';

/** The longest that AWS waits before a key, and with it all that it encrypts, is gone. */
const DELETION_WINDOW_DAYS = 30;

/** One key in a stack, made or looked up. */
const ID = 'stage_key';

/** What it takes to put something encrypted into a store and to take it out again. */
const USE = ['kms:Decrypt', 'kms:GenerateDataKey'];

/** The stores whose content the stage's key encrypts, by the prefix of their actions. */
const ENCRYPTED_SERVICES = ['dynamodb', 's3', 'secretsmanager', 'sqs'];

/** The stage's own key, which rotates by itself, under the name that the other stacks find it by. */
export function stageKey(scope: Construct): void {
  const stage = stageOf(scope);
  if (!stage.customerKey) return;
  const key = new KmsKey(scope, ID, {
    description: `Encrypts what stage ${stage.name} of Aftercall stores.`,
    enableKeyRotation: true,
    deletionWindowInDays: DELETION_WINDOW_DAYS,
    policy: keyPolicy(stage),
  });
  new KmsAlias(scope, `${ID}_alias`, { name: names(stage).keyAlias, targetKeyId: key.id });
}

/** The ARN of the stage's key; `undefined` for a stage that leaves keys to AWS. */
export function stageKeyArn(scope: Construct): string | undefined {
  const stage = stageOf(scope);
  if (!stage.customerKey) return undefined;
  const stack = TerraformStack.of(scope);
  const made = stack.node.tryFindChild(ID);
  if (made instanceof KmsKey) return made.arn;
  if (made instanceof DataAwsKmsAlias) return made.targetKeyArn;
  return new DataAwsKmsAlias(stack, ID, { name: names(stage).keyAlias }).targetKeyArn;
}

/** Lets a role use the key in those stores that it may use anyway, and nowhere else. */
export function stageKeyGrants(scope: Construct, grants: readonly Statement[]): readonly Statement[] {
  const keyArn = stageKeyArn(scope);
  const { region } = stageOf(scope);
  const services = ENCRYPTED_SERVICES.filter((service) =>
    grants.some(({ Action }) => Action.some((action) => action.startsWith(`${service}:`))),
  );
  if (keyArn === undefined || services.length === 0) return [];
  return [
    {
      Sid: 'StageKey',
      Effect: 'Allow',
      Action: USE,
      Resource: [keyArn],
      Condition: {
        StringEquals: { 'kms:ViaService': services.map((service) => `${service}.${region}.amazonaws.com`) },
      },
    },
  ];
}

/** `*` in a key's policy is the key itself. What roles may do with it is for their own policies to say. */
function keyPolicy(stage: StageConfig): string {
  const { account, region, name } = stage;
  const ofAccount = { StringEquals: { 'aws:SourceAccount': account } };
  return policyDocument([
    keyStatement('Account', { AWS: `arn:aws:iam::${account}:root` }, 'kms:*'),
    // Without it EventBridge cannot put events on an encrypted queue, and drops them.
    keyStatement('Rules', { Service: 'events.amazonaws.com' }, USE, {
      ...ofAccount,
      ArnLike: { 'aws:SourceArn': [`arn:aws:events:${region}:${account}:rule/*`] },
    }),
    keyStatement('ArchiveDescribes', { Service: 'events.amazonaws.com' }, ['kms:DescribeKey'], ofAccount),
    keyStatement(
      'Archive',
      { Service: 'events.amazonaws.com' },
      ['kms:ReEncryptFrom', 'kms:ReEncryptTo', ...USE],
      {
        StringEquals: {
          'aws:SourceAccount': account,
          'kms:EncryptionContext:aws:events:event-bus:arn': `arn:aws:events:${region}:${account}:event-bus/${names(stage).bus}`,
        },
      },
    ),
    keyStatement('Alarms', { Service: 'cloudwatch.amazonaws.com' }, USE, ofAccount),
    keyStatement('Budget', { Service: 'budgets.amazonaws.com' }, USE, ofAccount),
    keyStatement(
      'Logs',
      { Service: `logs.${region}.amazonaws.com` },
      ['kms:Encrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:DescribeKey', ...USE],
      {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': [
            `arn:aws:logs:${region}:${account}:log-group:/aws/*/aftercall-${name}-*`,
          ],
        },
      },
    ),
  ]);
}

const keyStatement = (
  Sid: string,
  Principal: object,
  Action: string | readonly string[],
  Condition?: object,
): object => ({ Sid, Effect: 'Allow', Principal, Action, Resource: '*', ...(Condition && { Condition }) });
