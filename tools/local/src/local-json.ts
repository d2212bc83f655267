import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppliedResource } from './apply/apply.ts';
import type { SourceScheme } from './apply/seed-secrets.ts';
import type { Endpoints } from './aws/clients.ts';
import type { FunctionInfo } from './runtime/local-functions.ts';

/** A way in, with what a sender needs. */
export interface LocalSource {
  readonly key: string;
  readonly scheme: SourceScheme;
  readonly url: string;
  readonly secret: string;
}

/** The stack's resources by what they are for. */
export interface LocalResources {
  readonly eventsQueueUrl: string;
  readonly eventsDeadLetterQueueUrl: string;
  readonly ledgerTable: string;
  readonly conversationsTable: string;
  readonly setAsideTable: string;
  /** Transcripts that are still missing. */
  readonly transcriptsTable: string;
  /** How far each interval has got. */
  readonly backfillTable: string;
  readonly lakeBucket: string;
  readonly transcriptsBucket: string;
  readonly setAsideBucket: string;
  readonly deliveriesBucket: string;
  readonly configBucket: string;
  readonly busName: string;
  /** By consumer, e.g. `lake`. */
  readonly queueUrls: Readonly<Record<string, string>>;
  /** By consumer, and by QA queue as `qa-{team}`. */
  readonly deadLetterQueueUrls: Readonly<Record<string, string>>;
  /** By team. */
  readonly qaQueueUrls: Readonly<Record<string, string>>;
  /** Where to put what Genesys Cloud sends through EventBridge: the event's `source` is the name of the event source. */
  readonly partner: readonly PartnerSource[];
}

/** A partner event source, and the bus that takes its events. */
export interface PartnerSource {
  readonly key: string;
  readonly busName: string;
  readonly eventSourceName: string;
}

/** `.aftercall/local.json`: what every tool knows about a running stack. */
export interface LocalJson {
  readonly http: string;
  readonly pid: number;
  /** Where the stack takes orders: `GET /sources`, `POST /sources`, `GET /services`, `POST /services/{service}/stop|start`, `POST /stop`. */
  readonly control: string;
  readonly aws: {
    readonly region: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    /** `lambda` is the stack's own, also where the others are elsewhere: the functions run here. */
    readonly endpoints: Endpoints & { readonly lambda?: string };
  };
  readonly sources: readonly LocalSource[];
  readonly resources: LocalResources;
  /** The receiver that the facts for the CRM are posted to; `crmEndpointAt(url)` reads and drives it. */
  readonly crm: { readonly url: string };
  /** Genesys Cloud's login host and Platform API; `platformApiAt(api)` drives them. */
  readonly genesys: { readonly login: string; readonly api: string };
}

const FOLDER = '.aftercall';

/** Everything a stack writes lies in `{directory}/.aftercall`. */
export function stackFolder(directory: string): string {
  return join(directory, FOLDER);
}

/** The running stack of a directory, or `undefined`. */
export function readLocalJson(directory: string): LocalJson | undefined {
  try {
    return JSON.parse(readFileSync(join(stackFolder(directory), 'local.json'), 'utf8')) as LocalJson;
  } catch {
    return undefined;
  }
}

/** Replaces the file in one step: a reader sees the old one or the new one. It holds secrets, if only local ones. */
export function writeLocalJson(directory: string, local: LocalJson): void {
  const file = join(stackFolder(directory), 'local.json');
  writeFileSync(`${file}.new`, `${JSON.stringify(local, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function removeLocalJson(directory: string): void {
  rmSync(join(stackFolder(directory), 'local.json'), { force: true });
}

/** A stack already runs in this directory. */
export class StackRunningError extends Error {
  readonly pid: number;
  constructor(pid: number, directory: string) {
    super(
      `a stack already runs in ${directory}, pid ${pid}: stop it with \`npx aftercall stop\` or \`kill ${pid}\``,
    );
    this.name = 'StackRunningError';
    this.pid = pid;
  }
}

/**
 * Makes the directory this process's own until the returned function is called. What a dead process left is replaced.
 *
 * @throws StackRunningError naming the pid of the other one
 */
export async function claimDirectory(directory: string, pid: number): Promise<() => void> {
  const folder = stackFolder(directory);
  const file = join(folder, 'stack.pid');
  mkdirSync(folder, { recursive: true });
  if (!tryWrite(file, pid)) {
    const holder = Number(readText(file));
    if (await isRunning(holder, directory)) throw new StackRunningError(holder, directory);
    rmSync(file, { force: true });
    if (!tryWrite(file, pid)) throw new StackRunningError(Number(readText(file)), directory);
  }
  removeLocalJson(directory);
  return () => rmSync(file, { force: true });
}

function tryWrite(file: string, pid: number): boolean {
  try {
    writeFileSync(file, String(pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (propertyOf(error, 'code') === 'EEXIST') return false;
    throw error;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** A pid may have been given to another program since: a stack that says it is ready also answers. */
async function isRunning(pid: number, directory: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0 || !exists(pid)) return false;
  const local = readLocalJson(directory);
  if (local?.pid !== pid) return true;
  try {
    const answer = await fetch(`${local.control}/`, { signal: AbortSignal.timeout(2_000) });
    return ((await answer.json()) as { pid?: number }).pid === pid;
  } catch (error) {
    return propertyOf(error, 'name') === 'TimeoutError';
  }
}

/** Errors of the runtime may be of another realm, where `instanceof` does not know them. */
function propertyOf(error: unknown, key: 'code' | 'name'): unknown {
  return (error as Partial<Record<string, unknown>> | null | undefined)?.[key];
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return propertyOf(error, 'code') === 'EPERM';
  }
}

/** Sorts what was made by its physical name, `aftercall-{stage}-…`; what a stack does not make is empty. */
export function localResources(resources: readonly AppliedResource[]): Omit<LocalResources, 'partner'> {
  const named = (type: string, key: string): ReadonlyMap<string, string> =>
    new Map(
      resources
        .filter((resource) => resource.type === type)
        .map(({ attributes }) => [
          shortName(String(attributes['name'] ?? attributes['bucket'])),
          String(attributes[key]),
        ]),
    );
  const queues = named('aws_sqs_queue', 'url');
  const tables = named('aws_dynamodb_table', 'name');
  const buckets = named('aws_s3_bucket', 'bucket');
  const busName = [...named('aws_cloudwatch_event_bus', 'name').values()].find((name) => !isPartner(name));
  const others = [...queues].filter(([name]) => !['events', 'events-dead'].includes(name));
  const isDead = (name: string): boolean => name.endsWith('-dead');
  const isQa = (name: string): boolean => name.startsWith('qa-') && !isDead(name);
  return {
    eventsQueueUrl: queues.get('events') ?? '',
    eventsDeadLetterQueueUrl: queues.get('events-dead') ?? '',
    ledgerTable: tables.get('ledger') ?? '',
    conversationsTable: tables.get('conversations') ?? '',
    setAsideTable: tables.get('set-aside') ?? '',
    transcriptsTable: tables.get('transcripts') ?? '',
    backfillTable: tables.get('backfill') ?? '',
    lakeBucket: buckets.get('lake') ?? '',
    transcriptsBucket: buckets.get('transcripts') ?? '',
    setAsideBucket: buckets.get('set-aside') ?? '',
    deliveriesBucket: buckets.get('deliveries') ?? '',
    configBucket: buckets.get('config') ?? '',
    busName: busName ?? 'aftercall',
    queueUrls: Object.fromEntries(others.filter(([name]) => !isQa(name) && !isDead(name))),
    deadLetterQueueUrls: Object.fromEntries(
      others.filter(([name]) => isDead(name)).map(([name, url]) => [name.replace(/-dead$/, ''), url]),
    ),
    qaQueueUrls: Object.fromEntries(
      others.filter(([name]) => isQa(name)).map(([name, url]) => [name.replace(/^qa-/, ''), url]),
    ),
  };
}

const isPartner = (busName: string): boolean => busName.startsWith('aws.partner/');

/** Every function's own list says which event source has which key; the bus is called as its source. */
export function partnerSources(infos: readonly FunctionInfo[]): readonly PartnerSource[] {
  return infos.flatMap(({ variables }) => {
    const listed = JSON.parse(variables['PARTNER_SOURCES'] ?? '[]') as readonly PartnerSource[];
    return listed.map(({ key, eventSourceName }) => ({ key, busName: eventSourceName, eventSourceName }));
  });
}

/** `aftercall-local-events-dead.fifo` → `events-dead` */
function shortName(physicalName: string): string {
  return physicalName.replace(/^aftercall-[a-z0-9]+-/, '').replace(/\.fifo$/, '');
}
