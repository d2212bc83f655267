import { SENSITIVE_WORDS, TEST_CLIENT } from '@aftercall/genesys-simulator';
import { startFunctionProxies } from '@aftercall/fault-proxy';
import type { FaultProxy, ProxiedService } from '@aftercall/fault-proxy';
import { readLocalJson, startStack } from '@aftercall/local';
import type { Endpoints, LocalJson, LocalSource, Stack } from '@aftercall/local';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { genuineHeaders, requestUntilTaken } from './http.ts';
import type { Answer } from './http.ts';
import { CONFIDENTIAL_PHRASES } from './payloads.ts';
import { createSinks } from './sinks.ts';
import type { Sinks } from './sinks.ts';

export type App =
  | 'ingest'
  | 'processor'
  | 'compliance-router'
  | 'lake-writer'
  | 'transcript-fetcher'
  | 'secret-rotator';

export interface StageOptions {
  /** Apps whose every outgoing call goes through a fault proxy. */
  readonly proxied?: readonly App[];
  /** Variables that take the place of a function's own, by app. */
  readonly variables?: Readonly<Partial<Record<App, Readonly<Record<string, string>>>>>;
}

/** A stack of its own, a sender in front of it, and eyes on everything that comes out of it. */
export interface Stage extends Sinks {
  readonly stack: Stack;
  /** As `local.json` says it: all that a user knows of the stack. */
  readonly local: LocalJson;
  readonly source: (key: string) => LocalSource;
  /** Signs and sends a delivery as its sender would, with retries on 503. */
  readonly deliver: (sourceKey: string, body: Uint8Array | string, deliveryId?: string) => Promise<Answer>;
  /** @throws Error when the app is not proxied */
  readonly proxy: (app: App, service: ProxiedService) => FaultProxy;
  /** Whatever must not be in a log, from now on. */
  readonly keepSecret: (...values: readonly string[]) => void;
  /** Stops the stack and names every confidential text that its logs hold. */
  readonly leaks: () => Promise<readonly string[]>;
  /** All log records of an app so far. */
  readonly logs: (app: App) => readonly Readonly<Record<string, unknown>>[];
  /** @throws Error when the logs hold anything confidential, whatever was tested */
  readonly stop: () => Promise<void>;
}

const SIGNATURE_HEADERS = /signature/i;

/** What no log of any stage may hold: words of the conversations in it, its OAuth client, what lets somebody in. */
const NEVER_LOGGED = [
  ...CONFIDENTIAL_PHRASES,
  ...SENSITIVE_WORDS,
  TEST_CLIENT.clientSecret,
  'Bearer ',
  'access_token',
  'X-Amz-Signature',
];

/** Starts a stack in a directory of its own, running the built bundles. */
export async function startStage({ proxied = [], variables = {} }: StageOptions = {}): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'aftercall-e2e-'));
  const proxies = new Map<string, FaultProxy>();
  const putProxies = async (app: string, own: Readonly<Record<string, string>>, endpoints: Endpoints) => {
    const started = await startFunctionProxies(own, endpoints);
    for (const [service, one] of started.proxies) proxies.set(`${app}/${service}`, one);
    return started.variables;
  };
  const stack = await startStack({
    directory,
    environment: async ({ app, variables: own }, endpoints) => ({
      ...variables[app as App],
      ...(proxied.includes(app as App) && (await putProxies(app, own, endpoints))),
    }),
  });
  const local = readLocalJson(directory);
  if (!local) throw new Error('the stack has started without a local.json');
  const sinks = await createSinks(local);

  const confidential = new Set([...NEVER_LOGGED, ...local.sources.map(({ secret }) => secret)]);
  for (const { key } of Object.values((await sinks.keyring()).keys)) confidential.add(key);
  const source = (key: string): LocalSource => {
    const found = stack.local.sources.find((one) => one.key === key);
    if (!found) throw new Error(`there is no source ${key}`);
    return found;
  };
  const stop = async (): Promise<void> => {
    sinks.close();
    await stack.stop();
    await Promise.all([...proxies.values()].map((proxy) => proxy.stop()));
  };
  const written = (): string =>
    readdirSync(stack.logsDirectory)
      .map((file) => readFileSync(join(stack.logsDirectory, file), 'utf8'))
      .join('');
  const leaked = (lines: string): readonly string[] =>
    [...confidential].filter((text) => lines.includes(text) || lines.includes(jsonText(text)));
  const logs: Stage['logs'] = (app) => logRecords(join(stack.logsDirectory, `${app}.ndjson`));
  return {
    ...sinks,
    stack,
    local,
    source,
    deliver: (sourceKey, body, deliveryId = randomUUID()) => {
      const { url, ...signing } = source(sourceKey);
      const headers = genuineHeaders(signing, body, deliveryId);
      for (const [name, value] of Object.entries(headers))
        if (SIGNATURE_HEADERS.test(name)) confidential.add(value);
      return requestUntilTaken(url, { headers, body });
    },
    proxy: (app, service) => {
      const found = proxies.get(`${app}/${service}`);
      if (!found) throw new Error(`${app} calls ${service} without a proxy`);
      return found;
    },
    keepSecret: (...values) => values.forEach((value) => confidential.add(value)),
    logs,
    leaks: async () => {
      await stop();
      const lines = written();
      if (!lines.includes('"result":"accepted"'))
        throw new Error('the logs say nothing, so they prove nothing');
      return leaked(lines);
    },
    stop: async () => {
      await stop();
      const found = leaked(written());
      rmSync(directory, { recursive: true, force: true });
      if (found.length > 0) throw new Error(`the logs hold ${found.map(shortened).join(', ')}`);
    },
  };
}

/** Enough to know it by, and not the whole of a secret once more. */
const shortened = (text: string): string => `"${text.slice(0, 8)}…"`;

/** The last line may be half written. */
function logRecords(file: string): readonly Readonly<Record<string, unknown>>[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

/** As the text stands inside a JSON string. */
const jsonText = (text: string): string => JSON.stringify(text).slice(1, -1);
