import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import pMap from 'p-map';
import type { FunctionSpec } from '../apply/local-resources.ts';
import type { Aws } from '../aws/embedded-aws.ts';
import { CREDENTIALS, REGION } from '../aws/identity.ts';
import { startEnvironment } from './execution-environment.ts';
import type { InvokeResult } from './execution-environment.ts';
import { createFunctionLog } from './function-log.ts';
import type { FunctionLog, LogRecord } from './function-log.ts';
import { createFunctionPool } from './function-pool.ts';
import type { FunctionPool } from './function-pool.ts';

/** A function of the stack as others may know it. */
export interface FunctionInfo {
  /** e.g. `aftercall-local-ingest` */
  readonly name: string;
  /** e.g. `ingest` */
  readonly app: string;
  readonly variables: Readonly<Record<string, string>>;
}

export interface LocalFunctionsDeps {
  readonly aws: Aws;
  readonly logsDirectory: string;
  /** The file to load for an app, looked up whenever a thread starts. */
  readonly bundleOf: (app: string) => string;
  /** Variables that take the place of the function's own. */
  readonly override: (info: FunctionInfo) => Promise<Readonly<Record<string, string>>>;
  readonly now: () => Date;
  readonly print: (line: string) => void;
  /** Takes a line of a function's log that is metrics. */
  readonly measure: (record: LogRecord) => void;
  /** Hears of an invocation that failed. */
  readonly failed: (name: string) => void;
}

/** All functions of the stack. */
export interface LocalFunctions {
  readonly infos: () => readonly FunctionInfo[];
  readonly concurrencyOf: (name: string) => number;
  /** @throws Error when there is no such function */
  readonly invoke: (name: string, event: string) => Promise<InvokeResult>;
  /** Changes variables; threads that know the old ones end with their call. */
  readonly setVariables: (name: string, variables: Readonly<Record<string, string>>) => void;
  /** The variables that a stack gave a function, without the runtime's own. */
  readonly variablesOf: (name: string) => Readonly<Record<string, string>> | undefined;
  /** Replaces them, as `setVariables` changes some. */
  readonly configure: (name: string, variables: Readonly<Record<string, string>>) => void;
  /** The app's next calls load its bundle anew. @returns why it did not load */
  readonly reload: (app: string) => Promise<string | undefined>;
  /** By app: what each of its environments has in use on its heap, garbage included. */
  readonly heapBytes: () => Promise<ReadonlyMap<string, readonly number[]>>;
  /** @throws Error naming every function that does not load */
  readonly warm: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface Running {
  info: FunctionInfo;
  readonly pool: FunctionPool;
  readonly log: FunctionLog;
}

/** The app of a function named `aftercall-{stage}-{app}`. */
export function appOf(functionName: string): string {
  return functionName.replace(/^aftercall-[a-z0-9]+-/, '');
}

/** Prepares the functions; threads start with `warm` or the first call. */
export async function createLocalFunctions(
  specs: readonly FunctionSpec[],
  deps: LocalFunctionsDeps,
): Promise<LocalFunctions> {
  const running = new Map<string, Running>();
  for (const spec of specs) running.set(spec.name, await prepare(spec, deps));

  const found = (name: string): Running => {
    const one = running.get(name);
    if (!one) throw new Error(`no stack makes the function ${name}`);
    return one;
  };
  return {
    infos: () => [...running.values()].map(({ info }) => info),
    concurrencyOf: (name) => found(name).pool.concurrency,
    invoke: async (name, event) => {
      const result = await found(name).pool.invoke(event);
      if (result.outcome === 'failed') deps.failed(name);
      return result;
    },
    setVariables: (name, variables) => {
      const one = found(name);
      one.info = { ...one.info, variables: { ...one.info.variables, ...variables } };
      one.pool.recycle();
    },
    variablesOf: (name) => {
      const variables = running.get(name)?.info.variables;
      return variables && Object.fromEntries(Object.entries(variables).filter(([key]) => !isRuntimes(key)));
    },
    configure: (name, variables) => {
      const one = found(name);
      const kept = Object.entries(one.info.variables).filter(([key]) => isRuntimes(key));
      one.info = { ...one.info, variables: { ...variables, ...Object.fromEntries(kept) } };
      one.pool.recycle();
    },
    reload: async (app) => {
      const ofApp = [...running.values()].filter(({ info }) => info.app === app);
      ofApp.forEach(({ pool }) => pool.recycle());
      const problems = await Promise.all(ofApp.map(({ pool }) => pool.warm()));
      return problems.find((problem) => problem !== undefined);
    },
    warm: async () => {
      // No more at once than there are cores: each has Lambda's ten seconds for its init, and shares them with few.
      const problems = await pMap(
        running.values(),
        async ({ info, pool }) => ({ info, problem: await pool.warm() }),
        { concurrency: availableParallelism() },
      );
      const bad = problems.filter(({ problem }) => problem !== undefined);
      if (bad.length > 0)
        throw new Error(bad.map(({ info, problem }) => `${info.name} does not load: ${problem}`).join('; '));
    },
    heapBytes: async () => {
      const used = [...running.values()].map(
        async ({ info, pool }) => [info.app, await pool.heapBytes()] as const,
      );
      return new Map(await Promise.all(used));
    },
    stop: async () => {
      await Promise.all([...running.values()].map(({ pool }) => pool.stop()));
      await Promise.all([...running.values()].map(({ log }) => log.close()));
    },
  };
}

async function prepare(spec: FunctionSpec, deps: LocalFunctionsDeps): Promise<Running> {
  const app = appOf(spec.name);
  const log = createFunctionLog({ ...deps, directory: deps.logsDirectory, app });
  const own: FunctionInfo = {
    name: spec.name,
    app,
    variables: { ...lambdaVariables(spec), ...spec.environment, ...awsVariables(deps.aws) },
  };
  const info: FunctionInfo = { ...own, variables: { ...own.variables, ...(await deps.override(own)) } };
  const pool = createFunctionPool({
    reservedConcurrency: spec.reservedConcurrency,
    newRequestId: randomUUID,
    startEnvironment: () =>
      startEnvironment({
        bundle: deps.bundleOf(app),
        exportName: spec.handler.split('.').at(-1) ?? 'handler',
        functionName: spec.name,
        memoryMegabytes: spec.memoryMegabytes,
        timeoutSeconds: spec.timeoutSeconds,
        variables: one.info.variables,
        onOutput: log.writer(),
      }),
  });
  const one: Running = { info, pool, log };
  return one;
}

function lambdaVariables({ name, memoryMegabytes }: FunctionSpec): Record<string, string> {
  return {
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMegabytes),
    TZ: 'UTC',
  };
}

/** Whether a variable is one that the runtime sets, and no stack. */
const isRuntimes = (key: string): boolean =>
  key === 'TZ' || /^AWS_(REGION|DEFAULT_REGION|ACCESS_|SECRET_|EC2_|LAMBDA_|ENDPOINT_URL)/.test(key);

/** All a function learns about where it runs: the SDK's own variables. */
function awsVariables({ endpoints, sinkUrl }: Aws): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: sinkUrl,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.events,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsmanager,
    AWS_ENDPOINT_URL_SSM: endpoints.ssm,
    AWS_ENDPOINT_URL_SFN: endpoints.sfn,
  };
}
