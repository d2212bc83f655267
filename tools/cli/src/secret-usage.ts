import { createAwsJsonCall } from '@aftercall/aws-json';
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { failure } from './cli-error.ts';
import type { CommandContext } from './context.ts';
import type { StageAccess } from './stage-access.ts';

/** What one version of a signing secret has verified. */
export interface VersionUse {
  readonly deliveries: number;
  readonly lastAt: Date | undefined;
}

/** What ingest's log says about a source's two versions since a time. */
export interface SecretUse {
  readonly current: VersionUse;
  readonly previous: VersionUse;
}

/** A secret's versions, as far as their labels go. */
export interface SecretVersions {
  readonly hasCurrent: boolean;
  /** Its version id; absent when nothing older verifies any more. */
  readonly previous: string | undefined;
  /** When its labels or its value were last changed. */
  readonly changedAt: Date;
}

/** @throws CliError when there is no such secret */
export async function versionsOf(name: string, { clients }: StageAccess): Promise<SecretVersions> {
  try {
    const {
      VersionIdsToStages = {},
      LastChangedDate,
      CreatedDate,
    } = await clients.secrets.send(new DescribeSecretCommand({ SecretId: name }));
    const labelled = (label: string) =>
      Object.entries(VersionIdsToStages).find(([, labels]) => labels.includes(label))?.[0];
    return {
      hasCurrent: labelled('AWSCURRENT') !== undefined,
      previous: labelled('AWSPREVIOUS'),
      changedAt: LastChangedDate ?? CreatedDate ?? new Date(0),
    };
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException')
      throw failure(`there is no secret ${name}`, 'apply the stage’s foundation, or add the source first');
    throw error;
  }
}

const UNUSED: VersionUse = { deliveries: 0, lastAt: undefined };

/** Reads ingest's log: of the stack that runs here its file, on AWS through Logs Insights. */
export async function secretUse(
  source: string,
  since: Date,
  access: StageAccess,
  context: Pick<CommandContext, 'now' | 'sleep'>,
): Promise<SecretUse> {
  const uses = access.stack
    ? await usesInFile(source, since, access.stack.directory)
    : await usesInsights(source, since, access, context);
  return { current: uses.get('AWSCURRENT') ?? UNUSED, previous: uses.get('AWSPREVIOUS') ?? UNUSED };
}

type Uses = ReadonlyMap<string, VersionUse>;

async function usesInFile(source: string, since: Date, directory: string): Promise<Uses> {
  const file = join(directory, '.aftercall', 'logs', 'ingest.ndjson');
  const uses = new Map<string, VersionUse>();
  if (!existsSync(file)) return uses;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const record = line.includes('"secretVersion"') ? parsed(line) : undefined;
    if (record?.source !== source || record.secretVersion === undefined) continue;
    const at = new Date(record.time ?? NaN);
    if (!(at >= since)) continue;
    const { deliveries } = uses.get(record.secretVersion) ?? UNUSED;
    uses.set(record.secretVersion, { deliveries: deliveries + 1, lastAt: at });
  }
  return uses;
}

interface Line {
  readonly source?: string;
  readonly secretVersion?: string;
  readonly time?: string | number;
}

function parsed(line: string): Line | undefined {
  try {
    return JSON.parse(line) as Line;
  } catch {
    // The last line may be half written.
    return undefined;
  }
}

const POLL_MILLIS = 1_000;
const GIVE_UP_MILLIS = 60_000;

/**
 * Needs `logs:StartQuery` on the log group of ingest, and `logs:GetQueryResults`.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
 */
async function usesInsights(
  source: string,
  since: Date,
  access: StageAccess,
  { now, sleep }: Pick<CommandContext, 'now' | 'sleep'>,
): Promise<Uses> {
  const call = await logsCall(access);
  const { stageNamed, names } = await import('@aftercall/infra');
  const { queryId } = (await call('StartQuery', {
    logGroupName: names(stageNamed(access.stage)).logGroup('ingest'),
    startTime: Math.floor(since.getTime() / 1000),
    endTime: Math.ceil(now().getTime() / 1000),
    // Keys of sources are letters, digits and hyphens.
    queryString: `filter source = "${source}" and ispresent(secretVersion) | stats count(*) as deliveries, max(@timestamp) as lastAt by secretVersion`,
  })) as { queryId?: string };
  for (let waited = 0; waited <= GIVE_UP_MILLIS; waited += POLL_MILLIS) {
    const { status, results = [] } = (await call('GetQueryResults', { queryId })) as QueryResults;
    if (status === 'Complete') return new Map(results.map(useOf));
    if (status !== 'Scheduled' && status !== 'Running') break;
    await sleep(POLL_MILLIS);
  }
  throw failure('CloudWatch did not say which deliveries were verified', 'try again');
}

interface QueryResults {
  readonly status?: string;
  readonly results?: readonly (readonly { readonly field: string; readonly value: string }[])[];
}

function useOf(row: NonNullable<QueryResults['results']>[number]): readonly [string, VersionUse] {
  const value = (name: string) => row.find(({ field }) => field === name)?.value ?? '';
  const last = value('lastAt');
  // A time comes as `2026-11-20 14:03:27.418`, in UTC, or as milliseconds.
  const lastAt = new Date(/^\d+$/.test(last) ? Number(last) : `${last.replace(' ', 'T')}Z`);
  return [value('secretVersion'), { deliveries: Number(value('deliveries')), lastAt }];
}

const LOGS = { name: 'logs', target: 'Logs_20140328', version: '1.1' } as const;

async function logsCall({ clients }: StageAccess) {
  const { config } = clients.secrets;
  const [region, credentials] = await Promise.all([config.region(), config.credentials()]);
  return createAwsJsonCall(LOGS, {
    endpoint: `https://logs.${region}.amazonaws.com`,
    region,
    credentials,
    timeoutMillis: 10_000,
    maxAttempts: 3,
    random: Math.random,
  });
}
