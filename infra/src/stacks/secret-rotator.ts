import { DataAwsSecretsmanagerSecret } from '@cdktn/provider-aws/lib/data-aws-secretsmanager-secret/index.js';
import { LambdaPermission } from '@cdktn/provider-aws/lib/lambda-permission/index.js';
import { SecretsmanagerSecretRotation } from '@cdktn/provider-aws/lib/secretsmanager-secret-rotation/index.js';
import type { Env } from '@aftercall/secret-rotator/config';
import type { Construct } from 'constructs';
import type { AppStackProps } from '../app-stacks.ts';
import { type AppFunction, appFunction } from '../constructs/app-function.ts';
import { genesysAccess } from '../constructs/genesys-access.ts';
import { allow } from '../constructs/statement.ts';
import { genesysCallers } from '../genesys-callers.ts';
import type { Names } from '../names.ts';
import type { StageConfig } from '../stage.ts';

/** A step is a few calls; Genesys Cloud may let one of them wait. */
const TIMEOUT_SECONDS = 60;
const MEMORY_MEGABYTES = 256;

/** A secret and how often it is rotated. */
interface RotatedSecret {
  readonly id: string;
  readonly arn: string;
  readonly days: number;
  readonly isOwn: boolean;
}

/** The function that rotates the keyring and the OAuth clients, and when. The secrets are those of other stacks, applied before. */
export function secretRotator(scope: Construct, { stage, names, code }: AppStackProps): void {
  const { rotation } = stage;
  // Synthesised for stages that have it.
  if (!rotation) return;
  const genesys = genesysAccess(scope, { app: 'secret-rotator', stage, names });
  const clients = oauthSecrets(scope, stage, names, genesys.secretArns);
  const sealing = new DataAwsSecretsmanagerSecret(scope, 'sealing', { name: names.sealingSecret });
  const rotated: readonly RotatedSecret[] = [
    { id: 'sealing', arn: sealing.arn, days: rotation.keyringDays, isOwn: false },
    ...clients.map((one) => ({ ...one, days: rotation.oauthDays })),
  ];
  const made = appFunction(scope, {
    app: 'secret-rotator',
    names,
    impact: 'Secrets are not rotated: those in use go on working, and Secrets Manager tries again by itself.',
    memoryMegabytes: MEMORY_MEGABYTES,
    timeoutSeconds: TIMEOUT_SECONDS,
    environment: {
      STAGE: stage.name,
      SEALING_SECRET_NAME: names.sealingSecret,
      OAUTH_SECRETS: JSON.stringify(Object.fromEntries(clients.map(({ name, org }) => [name, org]))),
      GENESYS_ORGS: genesys.variable,
      SECRET_TTL_SECONDS: String(stage.secretTtlSeconds),
      LOG_LEVEL: stage.logLevel,
    } satisfies Env,
    grants: [
      allow(
        [
          'secretsmanager:DescribeSecret',
          'secretsmanager:PutSecretValue',
          'secretsmanager:UpdateSecretVersionStage',
        ],
        rotated.map(({ arn }) => arn),
      ),
      // Its own client is among what it logs in with.
      allow(
        ['secretsmanager:GetSecretValue'],
        rotated.filter(({ isOwn }) => !isOwn).map(({ arn }) => arn),
      ),
      ...genesys.grants,
    ],
    code,
  });
  for (const secret of rotated) rotate(scope, secret, made);
}

/** Each function's OAuth clients, the rotator's own among them. */
function oauthSecrets(scope: Construct, stage: StageConfig, names: Names, own: ReadonlyMap<string, string>) {
  return genesysCallers(stage).flatMap(({ app, orgs }) =>
    orgs.map((org) => {
      const name = names.genesysSecret(org, app);
      const id = `${app}_${org}`.replaceAll(/[.-]/g, '_');
      const ownArn = app === 'secret-rotator' ? own.get(org) : undefined;
      const arn = ownArn ?? new DataAwsSecretsmanagerSecret(scope, `oauth_${id}`, { name }).arn;
      return { id, name, org, arn, isOwn: ownArn !== undefined };
    }),
  );
}

/** Nothing is rotated because it was deployed: the schedule begins with its first day. */
function rotate(scope: Construct, { id, arn, days }: RotatedSecret, { lambda, alias }: AppFunction): void {
  const permission = new LambdaPermission(scope, `may_rotate_${id}`, {
    statementId: `rotate-${id}`,
    action: 'lambda:InvokeFunction',
    functionName: lambda.functionName,
    qualifier: alias.name,
    principal: 'secretsmanager.amazonaws.com',
    sourceArn: arn,
  });
  new SecretsmanagerSecretRotation(scope, `rotation_${id}`, {
    secretId: arn,
    rotationLambdaArn: alias.arn,
    rotateImmediately: false,
    rotationRules: { automaticallyAfterDays: days },
    dependsOn: [permission],
  });
}
