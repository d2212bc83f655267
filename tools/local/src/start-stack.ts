import { startCrmEndpoint, startPlatformApi } from '@aftercall/genesys-simulator';
import type { CrmEndpoint, PlatformApi } from '@aftercall/genesys-simulator';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startAlarms } from './alarms/start-alarms.ts';
import type { StackAlarms } from './alarms/start-alarms.ts';
import { apply } from './apply/apply.ts';
import type { Applied } from './apply/apply.ts';
import { functionIn } from './apply/local-resources.ts';
import type { Runtime } from './apply/local-resources.ts';
import { createClients, destroyClients } from './aws/clients.ts';
import type { Clients, Endpoints } from './aws/clients.ts';
import { otherAws, startEmbeddedAws } from './aws/embedded-aws.ts';
import type { Aws } from './aws/embedded-aws.ts';
import { startLambdaApi } from './aws/lambda-api.ts';
import { CREDENTIALS, nameIn, REGION } from './aws/identity.ts';
import { startRefusingSink } from './aws/refusing-sink.ts';
import { createBundles } from './bundles.ts';
import type { Bundles } from './bundles.ts';
import { startControl } from './control.ts';
import {
  claimDirectory,
  localResources,
  partnerSources,
  removeLocalJson,
  stackFolder,
  writeLocalJson,
} from './local-json.ts';
import type { LocalJson, LocalSource } from './local-json.ts';
import { startEventSource } from './runtime/event-source.ts';
import type { EventSource } from './runtime/event-source.ts';
import { startHttpFront } from './runtime/http-front.ts';
import type { HttpFront } from './runtime/http-front.ts';
import { createLocalFunctions } from './runtime/local-functions.ts';
import type { FunctionInfo, LocalFunctions } from './runtime/local-functions.ts';
import { addSource, refreshedSources, seedSources } from './sources.ts';
import { createUnwinding } from './unwinding.ts';
import type { Unwinding } from './unwinding.ts';

export interface StackOptions {
  /** The stack writes into `{directory}/.aftercall`, and only one stack at a time may. */
  readonly directory: string;
  /** Of the HTTP front. Default: any free one. */
  readonly httpPort?: number;
  /** An AWS-compatible endpoint to use instead of the embedded AWS. AWS itself is refused. */
  readonly awsEndpoint?: string;
  /** Synthesised stacks to make, `{terraformDirectory}/stacks/{stack}/cdk.tf.json`. Default: stage `local`, synthesised now. */
  readonly terraformDirectory?: string;
  /** Bundles to run instead of `dist/apps/{app}`, by app. */
  readonly apps?: Readonly<Record<string, string>>;
  /** Environment variables that take the place of a function's own, for instance to put a proxy between it and a service. */
  readonly environment?: (
    info: FunctionInfo,
    endpoints: Endpoints,
  ) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** `idle`: nothing is taken from any queue, for whoever runs functions of its own. Default: functions take from theirs. */
  readonly eventSources?: 'idle';
  /** Gets readable log lines and notes. Default: nobody; the log files are written anyway. */
  readonly print?: (line: string) => void;
}

/** A running stack. */
export interface Stack {
  /** As written to `local.json`; with the sources as they are now. */
  readonly local: LocalJson;
  readonly logsDirectory: string;
  /** What was made and what plays AWS, for people. */
  readonly summary: {
    readonly aws: string;
    readonly counts: Readonly<Record<string, number>>;
    /** What it is for → the resource types that are known and not played here. */
    readonly notPlayed: Readonly<Record<string, readonly string[]>>;
    readonly unknownTypes: readonly string[];
    /** Alarms on what nothing here measures. */
    readonly unplayedAlarms: readonly string[];
  };
  /** The functions' apps, e.g. `ingest`. */
  readonly apps: readonly string[];
  readonly addSource: (input: Pick<LocalSource, 'key' | 'scheme'>) => Promise<LocalSource>;
  /** Takes an app's new bundle. @returns why it does not load */
  readonly reload: (app: string) => Promise<string | undefined>;
  /** By app: what each of its threads has in use on its heap, garbage included. */
  readonly heapBytes: () => Promise<ReadonlyMap<string, readonly number[]>>;
  /** Ends everything the stack started and removes `local.json`. Repeating it waits for the first. */
  readonly stop: () => Promise<void>;
  /** Settles when the stack has stopped, whoever asked for it. */
  readonly stopped: Promise<void>;
}

/**
 * Whoever sends an outcome or asks for a transcript makes up the conversation, so each is one that this tenant had.
 * Its limit is above the 300 of a real one, at which a laptop would wait for minutes.
 */
const TENANT = { seed: 1, unknownConversations: 'invented', requestsPerMinute: 6_000 } as const;

const REPOSITORY = resolve(import.meta.dirname, '../../..');
/** How long batches under way may take when the stack stops. */
const FINISH_MILLIS = 2_000;

/**
 * Starts a stack: an AWS, what the synthesised Terraform describes in it, the functions, their event
 * sources and the HTTP front. When any of it fails, what had started is stopped.
 *
 * @throws StackRunningError when one runs in this directory; Error saying what could not be started
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const print = options.print ?? (() => undefined);
  const release = await claimDirectory(options.directory, process.pid);
  const unwinding = createUnwinding({ report: print });
  unwinding.add(release);
  try {
    return await start(options, { unwinding, print, now: () => new Date() });
  } catch (error) {
    await unwinding.run();
    throw error;
  }
}

interface StartDeps {
  readonly unwinding: Unwinding;
  readonly print: (line: string) => void;
  readonly now: () => Date;
}

/** What is there only once a start has come so far. */
interface Parts {
  functions?: LocalFunctions;
  runtime?: Runtime;
  alarms?: StackAlarms;
}

async function start(options: StackOptions, deps: StartDeps): Promise<Stack> {
  const { unwinding, print } = deps;
  const folder = stackFolder(options.directory);
  const parts: Parts = {};
  const invoke = (name: string, event: string) =>
    parts.functions?.invoke(name, event) ?? Promise.reject(new Error('starting'));
  const [front, crm, platform] = await unwinding.startAll([
    () =>
      startHttpFront(options.httpPort ?? 0, {
        now: deps.now,
        invoke,
        answered: (status) => parts.alarms?.answered(status),
      }),
    () => startCrmEndpoint({ now: deps.now }),
    () => startPlatformApi({ ...TENANT, now: deps.now }),
  ] as const);

  const awsStarting = startAws(options, { ...deps, invoke }, parts);
  const [aws, terraformDirectory] = await Promise.all([
    awsStarting,
    terraform(options, folder, { crm, platform }),
  ]);
  const clients = createClients(aws.endpoints);
  unwinding.add(() => destroyClients(clients));
  const applied = await apply(terraformDirectory, {
    clients,
    endpoints: aws.endpoints,
    httpUrl: front.url,
    note: print,
  });
  parts.runtime = applied.runtime;
  const alarms = startAlarms(applied, { ...deps, inside: aws.inside });
  parts.alarms = alarms;

  const bundles = createBundles({
    distDirectory: join(REPOSITORY, 'dist/apps'),
    folder: join(folder, 'bundles'),
    files: options.apps ?? {},
  });
  const logsDirectory = join(folder, 'logs');
  const functions = await createLocalFunctions(applied.runtime.functions, {
    ...{ aws, logsDirectory, now: deps.now, print, measure: alarms.take, failed: alarms.failed },
    bundleOf: bundles.fileOf,
    override: async (info) => options.environment?.(info, aws.endpoints) ?? {},
  });
  parts.functions = functions;
  unwinding.add(() => functions.stop());
  return run({
    options,
    deps,
    front,
    crm,
    platform,
    aws,
    clients,
    applied,
    bundles,
    functions,
    alarms,
    logsDirectory,
  });
}

const ROTATOR = 'secretsmanager.amazonaws.com';

/** Secrets Manager calls only functions that let it, and with their own secret. @throws Error saying why it came to nothing */
async function invokeAsService(
  functionArn: string,
  event: string,
  { functions, runtime }: Parts,
): Promise<void> {
  const functionName = functionIn(functionArn);
  const { SecretId } = JSON.parse(event) as { SecretId: string };
  const isPermitted = runtime?.permissions.some(
    (one) =>
      one.functionName === functionName &&
      one.principal === ROTATOR &&
      (one.sourceArn === undefined || one.sourceArn === SecretId),
  );
  if (!functions || !isPermitted) throw new Error(`${ROTATOR} may not invoke ${functionName} for it`);
  const result = await functions.invoke(functionName, event);
  if (result.outcome === 'returned') return;
  throw new Error(result.outcome === 'failed' ? `${result.errorType}: ${result.message}` : result.outcome);
}

/** The other endpoint's AWS outlives the stack, but calls to what it may lack still end at a sink of ours. */
async function startAws(
  { awsEndpoint }: StackOptions,
  { unwinding, print, now, invoke }: StartDeps & Pick<LocalFunctions, 'invoke'>,
  parts: Parts,
): Promise<Aws> {
  if (awsEndpoint === undefined) {
    const invokeRotation = (functionArn: string, event: string) => invokeAsService(functionArn, event, parts);
    return startEmbeddedAws({ unwinding, now, invoke, report: print, invokeRotation });
  }
  const [sink] = await unwinding.startAll([() => startRefusingSink({ report: print })] as const);
  return otherAws(awsEndpoint, sink.url);
}

/** Loaded when needed: it is the largest part of a start. The stage's CRM and Genesys Cloud are those that have been started here. */
async function terraform(
  { terraformDirectory }: StackOptions,
  folder: string,
  { crm, platform }: Pick<RunInput, 'crm' | 'platform'>,
): Promise<string> {
  if (terraformDirectory !== undefined) return terraformDirectory;
  const { stageNamed, synth } = await import('@aftercall/infra');
  const { crm: wanted, genesys = [], ...local } = stageNamed('local');
  const outdir = join(folder, 'terraform');
  rmSync(outdir, { recursive: true, force: true });
  synth({
    stage: {
      ...local,
      ...(wanted && { crm: { ...wanted, endpoint: `${crm.url}/crm` } }),
      genesys: organisations(local.sources, genesys).map((org) => ({
        org,
        apiBaseUrl: platform.api,
        loginBaseUrl: platform.login,
      })),
    },
    outdir,
  });
  return outdir;
}

/** Whatever source an outcome comes by, its transcript is to be had: here every organisation is the same tenant. */
function organisations(
  sources: readonly { readonly key: string; readonly org?: string }[],
  configured: readonly { readonly org: string }[],
): readonly string[] {
  const all = [...configured.map(({ org }) => org), ...sources.map(({ key, org }) => org ?? key)];
  return [...new Set(all)];
}

interface RunInput {
  readonly options: StackOptions;
  readonly deps: StartDeps;
  readonly front: HttpFront;
  readonly crm: CrmEndpoint;
  readonly platform: PlatformApi;
  readonly aws: Aws;
  readonly clients: Clients;
  readonly applied: Applied;
  readonly bundles: Bundles;
  readonly functions: LocalFunctions;
  readonly alarms: StackAlarms;
  readonly logsDirectory: string;
}

async function run(input: RunInput): Promise<Stack> {
  const { options, deps, front, crm, platform, clients, applied, bundles, functions, aws } = input;
  const { unwinding } = deps;
  const { addClient } = platform;
  const sourcesDeps = { secrets: clients.secrets, randomBytes, functions, httpUrl: front.url, addClient };
  let sources = await seedSources(applied.resources, sourcesDeps);
  await functions.warm();
  front.serve(applied.runtime.routes);
  if (options.eventSources !== 'idle') startEventSources(input);

  const stopped = Promise.withResolvers<void>();
  const stop = async (): Promise<void> => {
    await unwinding.run();
    stopped.resolve();
  };
  const add = async (wanted: Pick<LocalSource, 'key' | 'scheme'>): Promise<LocalSource> => {
    const source = await addSource(wanted, sourcesDeps);
    sources = [...sources, source];
    writeLocalJson(options.directory, local());
    return source;
  };
  const refreshSources = async (): Promise<readonly LocalSource[]> => {
    sources = await refreshedSources(sources, sourcesDeps);
    writeLocalJson(options.directory, local());
    return sources;
  };
  const [lambda, control] = await unwinding.startAll([
    () => startLambdaApi(functions),
    () =>
      startControl({
        pid: process.pid,
        sources: () => sources,
        addSource: add,
        services: aws.services,
        alarms: input.alarms.states,
        refreshSources,
        stop: () => void stop(),
      }),
  ] as const);
  const local = (): LocalJson => ({
    http: front.url,
    pid: process.pid,
    control: control.url,
    aws: { region: REGION, ...CREDENTIALS, endpoints: { ...aws.endpoints, lambda: lambda.url } },
    sources,
    resources: { ...localResources(applied.resources), partner: partnerSources(functions.infos()) },
    crm: { url: crm.url },
    genesys: { login: platform.login, api: platform.api },
  });
  unwinding.add(() => removeLocalJson(options.directory));
  writeLocalJson(options.directory, local());
  return {
    get local() {
      return local();
    },
    logsDirectory: input.logsDirectory,
    summary: {
      aws: aws.description,
      counts: countsOf(applied),
      ...typesOf(applied),
      unplayedAlarms: input.alarms.unplayed,
    },
    apps: functions.infos().map(({ app }) => app),
    addSource: add,
    reload: (app) => {
      bundles.refresh(app);
      return functions.reload(app);
    },
    heapBytes: functions.heapBytes,
    stop,
    stopped: stopped.promise,
  };
}

function startEventSources({ applied, clients, functions, aws, deps }: RunInput): void {
  const queueUrls = new Map(
    applied.resources.map(({ attributes }) => [attributes['arn'], attributes['url'] as string | undefined]),
  );
  for (const spec of applied.runtime.eventSources) {
    const queueUrl =
      queueUrls.get(spec.queueArn) ?? `${aws.endpoints.sqs}/000000000000/${nameIn(spec.queueArn)}`;
    const source: EventSource = startEventSource({
      spec,
      queueUrl,
      sqs: clients.sqs,
      functionConcurrency: functions.concurrencyOf(spec.functionName),
      invoke: (event) => functions.invoke(spec.functionName, event),
      report: deps.print,
    });
    deps.unwinding.add(() => Promise.race([source.stop(), pause(FINISH_MILLIS, undefined, { ref: false })]));
  }
}

const typesOf = ({ notPlayed, unknownTypes }: Applied) => ({ notPlayed, unknownTypes });

const COUNTED: Readonly<Record<string, string>> = {
  aws_sqs_queue: 'queues',
  aws_dynamodb_table: 'tables',
  aws_s3_bucket: 'buckets',
  aws_cloudwatch_event_bus: 'buses',
  aws_cloudwatch_event_rule: 'rules',
  aws_cloudwatch_event_api_destination: 'API destinations',
  aws_secretsmanager_secret: 'secrets',
  aws_lambda_function: 'functions',
  aws_sfn_state_machine: 'state machines',
  aws_apigatewayv2_route: 'routes',
  aws_cloudwatch_metric_alarm: 'alarms',
};

function countsOf({ resources }: Applied): Record<string, number> {
  const counts = Object.entries(COUNTED).map(
    ([type, noun]) => [noun, resources.filter((resource) => resource.type === type).length] as const,
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
