import { CloudwatchLogGroup } from '@cdktn/provider-aws/lib/cloudwatch-log-group/index.js';
import { IamRole } from '@cdktn/provider-aws/lib/iam-role/index.js';
import { IamRolePolicy } from '@cdktn/provider-aws/lib/iam-role-policy/index.js';
import { LambdaFunction } from '@cdktn/provider-aws/lib/lambda-function/index.js';
import type { LambdaAlias } from '@cdktn/provider-aws/lib/lambda-alias/index.js';
import type { Construct } from 'constructs';
import type { AppPackage } from '../app-package.ts';
import type { AppName } from '../app-stacks.ts';
import type { Names } from '../names.ts';
import { StageError } from '../stage.ts';
import { functionAlarms } from './function-alarms.ts';
import { functionNetwork } from './function-network.ts';
import { liveAlias } from './live-alias.ts';
import { stageKeyArn, stageKeyGrants } from './stage-key.ts';
import { stageOf } from './stage-of.ts';
import { allow, policyDocument, TRACES, type Statement } from './statement.ts';

/** What the bundles are built for. AWS supports it, and `config-rules.ts` has that watched. */
export const RUNTIME = 'nodejs24.x';

const LOG_RETENTION_DAYS = 30;

/** Lambda's limit for names and values together. */
const MAX_ENVIRONMENT_BYTES = 4_096;

/** Stands in for what only Terraform knows: the longest is the URL of a queue. */
const LONGEST_REFERENCE = '?'.repeat(140);

const MAX_DESCRIPTION_CHARACTERS = 256;

/** What one function differs in from another. */
export interface AppFunctionProps {
  readonly app: AppName;
  readonly names: Names;
  /** What stops working for whom when this function does, in one sentence: the first thing that a person who is woken up reads. */
  readonly impact: string;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  /** So many at a time, taken from and held for by the account's total. Without it the account is the limit. */
  readonly reservedConcurrency?: number;
  readonly environment: Readonly<Record<string, string>>;
  /** What the function may do beyond writing its own log. */
  readonly grants: readonly Statement[];
  readonly code: AppPackage;
}

/** A function made, with the policy that whatever calls the function has to wait for. */
export interface AppFunction {
  readonly lambda: LambdaFunction;
  /** What to call: the version in use. */
  readonly alias: LambdaAlias;
  readonly policy: IamRolePolicy;
}

/**
 * A function with a role, a policy, a log group and an alias of its own, traced, within the stage's permissions boundary.
 *
 * @throws StageError when the stage makes its environment larger than Lambda takes
 * @throws Error when its impact is longer than Lambda takes
 */
export function appFunction(scope: Construct, props: AppFunctionProps): AppFunction {
  const { app, names, impact, environment, code } = props;
  checkEnvironmentSize(app, environment);
  if (impact.length > MAX_DESCRIPTION_CHARACTERS)
    throw new Error(`${app}: say the impact in ${MAX_DESCRIPTION_CHARACTERS} characters`);

  const keyArn = stageKeyArn(scope);
  const logGroup = new CloudwatchLogGroup(scope, 'log', {
    name: names.logGroup(app),
    retentionInDays: LOG_RETENTION_DAYS,
    ...(keyArn !== undefined && { kmsKeyId: keyArn }),
  });
  const network = functionNetwork(scope, app);
  const { role, policy } = roleOf(scope, props, logGroup, network?.grants ?? []);
  const lambda = new LambdaFunction(scope, app, {
    functionName: names.function(app),
    description: impact,
    role: role.arn,
    runtime: RUNTIME,
    architectures: ['arm64'],
    handler: 'main.handler',
    filename: code.filename,
    sourceCodeHash: code.sourceCodeHash,
    memorySize: props.memoryMegabytes,
    timeout: props.timeoutSeconds,
    ...(props.reservedConcurrency !== undefined && {
      reservedConcurrentExecutions: props.reservedConcurrency,
    }),
    environment: { variables: environment },
    ...(network && { vpcConfig: network.vpcConfig }),
    // What Lambda itself says becomes JSON; the function's own lines, metrics among them, go to standard output as they are.
    // The stage's log level is for the function to keep: Lambda drops none of them. Of its own lines it leaves out those on
    // what went well, which would be a third of the log; a time-out or a lack of memory is a warning.
    loggingConfig: {
      logFormat: 'JSON',
      applicationLogLevel: 'TRACE',
      systemLogLevel: 'WARN',
      logGroup: logGroup.name,
    },
    tracingConfig: { mode: 'Active' },
    publish: true,
    dependsOn: [policy],
  });
  functionAlarms(scope, props);
  return { lambda, alias: liveAlias(scope, app, lambda), policy };
}

function roleOf(
  scope: Construct,
  { app, names, grants }: AppFunctionProps,
  logGroup: CloudwatchLogGroup,
  networkGrants: readonly Statement[],
) {
  const { permissionsBoundary } = stageOf(scope);
  const role = new IamRole(scope, 'role', {
    name: names.function(app),
    ...(permissionsBoundary !== undefined && { permissionsBoundary }),
    assumeRolePolicy: policyDocument([
      { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ]),
  });
  const log = allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [`${logGroup.arn}:*`]);
  const policy = new IamRolePolicy(scope, 'policy', {
    name: names.function(app),
    role: role.id,
    policy: policyDocument([log, TRACES, ...networkGrants, ...stageKeyGrants(scope, grants), ...grants]),
  });
  return { role, policy };
}

function checkEnvironmentSize(app: AppName, environment: Readonly<Record<string, string>>): void {
  const bytes = Object.entries(environment).reduce(
    (sum, [name, value]) => sum + name.length + valueBytes(value),
    0,
  );
  if (bytes <= MAX_ENVIRONMENT_BYTES) return;
  throw new StageError(
    `${app}: its environment takes ${bytes} of ${MAX_ENVIRONMENT_BYTES} bytes; shorten or split the stage's sources`,
  );
}

const valueBytes = (value: string): number =>
  Buffer.byteLength(value.replaceAll(/\$\{TfToken\[[^\]]*\]\}/g, LONGEST_REFERENCE));
