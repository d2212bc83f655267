import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { AppName } from './app-stacks.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');

/** The action that IAM asks of each SDK command. */
const ACTIONS: Readonly<Record<string, string>> = {
  AbortMultipartUploadCommand: 's3:AbortMultipartUpload',
  BatchGetCommand: 'dynamodb:BatchGetItem',
  ChangeMessageVisibilityCommand: 'sqs:ChangeMessageVisibility',
  CompleteMultipartUploadCommand: 's3:PutObject',
  CreateMultipartUploadCommand: 's3:PutObject',
  DeleteCommand: 'dynamodb:DeleteItem',
  DescribeSecretCommand: 'secretsmanager:DescribeSecret',
  GetCommand: 'dynamodb:GetItem',
  GetObjectCommand: 's3:GetObject',
  GetQueueUrlCommand: 'sqs:GetQueueUrl',
  GetParameterCommand: 'ssm:GetParameter',
  GetSecretValueCommand: 'secretsmanager:GetSecretValue',
  HeadObjectCommand: 's3:GetObject',
  ListObjectVersionsCommand: 's3:ListBucketVersions',
  PutCommand: 'dynamodb:PutItem',
  PutEventsCommand: 'events:PutEvents',
  PutParameterCommand: 'ssm:PutParameter',
  PutSecretValueCommand: 'secretsmanager:PutSecretValue',
  PutObjectCommand: 's3:PutObject',
  QueryCommand: 'dynamodb:Query',
  SendMessageBatchCommand: 'sqs:SendMessage',
  SendMessageCommand: 'sqs:SendMessage',
  UploadPartCommand: 's3:PutObject',
  UpdateCommand: 'dynamodb:UpdateItem',
  UpdateSecretVersionStageCommand: 'secretsmanager:UpdateSecretVersionStage',
};

/** `file Command`, as `libs/queue/src/sqs-send-batch.ts SendMessageBatchCommand` → the resources it is sent to, none when the app never gets there. */
export type Calls = Readonly<Record<string, readonly string[]>>;

/** Every call of AWS that the sources of a deployed app make, as `file Command`, by the SDK's names, sorted. For tests. */
export async function deployedCalls(app: AppName): Promise<readonly string[]> {
  const files = await deployedFiles(app);
  return files.flatMap((file) => commandsIn(file).map((command) => `${file} ${command}`)).toSorted();
}

/** The source of an app's entry, as it was written. For tests. */
export const entrySource = (app: AppName): string => sourceOf(`apps/${app}/src/main.ts`);

/**
 * What a role needs for these calls, by resource, sorted.
 *
 * @throws Error for a command whose action is not known yet
 */
export function actionsFor(calls: Calls): Record<string, readonly string[]> {
  const needed: Record<string, readonly string[]> = {};
  for (const [call, resources] of Object.entries(calls)) {
    for (const resource of resources) {
      needed[resource] = [...new Set([...(needed[resource] ?? []), actionOf(call)])].toSorted();
    }
  }
  return needed;
}

function actionOf(call: string): string {
  const command = call.split(' ').at(-1) ?? '';
  const action = ACTIONS[command];
  if (!action) throw new Error(`say in ACTIONS which action IAM asks of ${command}`);
  return action;
}

/** The files of which something is left in the bundle: what an index re-exports and the app does not use is not deployed. */
async function deployedFiles(app: AppName): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [`apps/${app}/src/main.ts`],
    absWorkingDir: REPOSITORY,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@aws-sdk/*'],
    outdir: 'unwritten',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([file, { bytesInOutput }]) => bytesInOutput > 0 && /^(apps|libs)\//.test(file))
    .map(([file]) => file);
}

/** `paginateQuery(…)` sends a `QueryCommand` for each page, `call('PutItem', …)` what is a `PutCommand` with plain values. */
const commandsIn = (file: string): readonly string[] => [
  ...new Set(
    [
      ...sourceOf(file).matchAll(
        /\bnew (?<command>\w+)Command\(|\bpaginate(?<paged>[A-Z]\w+)\(|\bcall\(\s*'(?<operation>[A-Z][a-z]\w+?)(?:Item)?'/g,
      ),
    ].map(({ groups: { command, paged, operation } = {} }) => `${command ?? paged ?? operation}Command`),
  ),
];

const sourceOf = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8');
