import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ResourceExistsException,
} from '@aws-sdk/client-secrets-manager';
import type { PlatformClient } from '@aftercall/genesys-simulator';
import { createHash } from 'node:crypto';
import type { AppliedResource } from './apply/apply.ts';
import { newKeyring, newSigningSecret, seedSecret } from './apply/seed-secrets.ts';
import type { SeedDeps, SourceScheme } from './apply/seed-secrets.ts';
import type { LocalSource } from './local-json.ts';
import type { FunctionInfo, LocalFunctions } from './runtime/local-functions.ts';

/** What a function's SOURCES variable says about one source; the rest is passed on as it is. */
interface ConfiguredSource {
  readonly key: string;
  readonly scheme?: SourceScheme;
  readonly secretName?: string;
}

export interface SourcesDeps extends SeedDeps {
  readonly functions: Pick<LocalFunctions, 'infos' | 'setVariables'>;
  readonly httpUrl: string;
  /** Lets the tenant know an OAuth client. */
  readonly addClient: (client: PlatformClient) => void;
}

/** A source that cannot be added; the message tells the caller what to change. */
export class SourceError extends Error {
  override name = 'SourceError';
}

/** The function that takes deliveries; its SOURCES say how each source signs. */
const INGEST = 'ingest';
const SCHEMES = ['genesys-webhook', 'open-messaging', 'standard-webhooks'];
const SCHEME_KINDS = ['hmac', 'standard-webhooks', 'static-header'];
const PATHS_TO_SEALING = /\/sealing$/;
const PATHS_TO_OAUTH_CLIENTS = /\/genesys\/[^/]+\/[^/]+$/;

/** Gives every secret of the stack a first value and lists the sources with theirs. */
export async function seedSources(
  resources: readonly AppliedResource[],
  deps: SourcesDeps,
): Promise<readonly LocalSource[]> {
  const configured = ingestSources(deps.functions.infos());
  const values = new Map<string, string>();
  for (const { type, attributes } of resources) {
    if (type !== 'aws_secretsmanager_secret') continue;
    const name = String(attributes['name']);
    const source = configured.find((one) => one.secretName === name);
    const value = await seedSecret(name, firstValue(name, source?.scheme, deps), deps);
    if (PATHS_TO_OAUTH_CLIENTS.test(name)) clientsIn(value).forEach(deps.addClient);
    values.set(name, value);
  }
  return configured.flatMap((source) => {
    const secret = values.get(source.secretName ?? '');
    return secret === undefined
      ? []
      : [described(source.key, source.scheme ?? 'genesys-webhook', secret, deps)];
  });
}

/** The sources with their secrets as they are now: a rotation changes them outside the stack. */
export async function refreshedSources(
  sources: readonly LocalSource[],
  { functions, secrets }: Pick<SourcesDeps, 'functions' | 'secrets'>,
): Promise<readonly LocalSource[]> {
  const configured = ingestSources(functions.infos());
  return Promise.all(
    sources.map(async (source) => {
      const SecretId = configured.find(({ key }) => key === source.key)?.secretName;
      if (SecretId === undefined) return source;
      const { SecretString: secret } = await secrets.send(new GetSecretValueCommand({ SecretId }));
      return { ...source, ...(secret !== undefined && { secret }) };
    }),
  );
}

function firstValue(
  name: string,
  scheme: SourceScheme = 'genesys-webhook',
  { randomBytes }: SeedDeps,
): string {
  if (PATHS_TO_SEALING.test(name)) return newKeyring(randomBytes);
  if (PATHS_TO_OAUTH_CLIENTS.test(name)) return JSON.stringify(newClientPair(name));
  return newSigningSecret(scheme, randomBytes);
}

/** Two OAuth clients of a function's own, which take turns when its secret is rotated. */
function newClientPair(secretName: string) {
  const client = (which: string): PlatformClient => {
    const hash = createHash('sha256').update(`${secretName}/${which}`).digest('hex');
    const clientId = hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
    return { clientId, clientSecret: `local-${hash.slice(32)}` };
  };
  return { ...client('first'), standby: client('second') };
}

function clientsIn(value: string): readonly PlatformClient[] {
  const { standby, ...live } = JSON.parse(value) as ReturnType<typeof newClientPair>;
  return [live, standby];
}

function described(key: string, scheme: SourceScheme, secret: string, { httpUrl }: SourcesDeps): LocalSource {
  return { key, scheme, url: `${httpUrl}/webhooks/${key}`, secret };
}

function ingestSources(infos: readonly FunctionInfo[]): readonly ConfiguredSource[] {
  const ingest = infos.find(({ app }) => app === INGEST);
  return ingest ? sourcesOf(ingest) : [];
}

function sourcesOf({ variables }: FunctionInfo): readonly ConfiguredSource[] {
  return JSON.parse(variables['SOURCES'] ?? '[]') as readonly ConfiguredSource[];
}

/**
 * Adds a source to a running stack: its secret, then the configuration of every function that has sources.
 *
 * @throws SourceError when the key or the scheme will not do
 */
export async function addSource(
  input: { readonly key: string; readonly scheme: SourceScheme },
  deps: SourcesDeps,
): Promise<LocalSource> {
  const { key, scheme } = input;
  const infos = deps.functions.infos().filter(({ variables }) => variables['SOURCES'] !== undefined);
  const present = ingestSources(infos);
  check(
    input,
    present.map((source) => source.key),
  );
  const secretName = (present[0]?.secretName ?? 'aftercall/local/sources/').replace(/[^/]*$/, key);
  const secret = await newSecret(secretName, newSigningSecret(scheme, deps.randomBytes), deps);
  const added = { key, scheme, secretName };
  for (const info of infos) {
    deps.functions.setVariables(info.name, { SOURCES: JSON.stringify([...sourcesOf(info), added]) });
  }
  return described(key, scheme, secret, deps);
}

function check(
  { key, scheme }: { readonly key: unknown; readonly scheme: unknown },
  present: readonly string[],
): void {
  if (typeof key !== 'string' || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(key)) {
    throw new SourceError('key: lower-case letters, digits and hyphens are wanted, at most 63');
  }
  if (present.includes(key)) throw new SourceError(`key: there is a source ${key} already`);
  const kind = typeof scheme === 'object' && scheme !== null && 'kind' in scheme ? scheme.kind : undefined;
  if (SCHEMES.includes(scheme as string) || SCHEME_KINDS.includes(kind as string)) return;
  throw new SourceError(
    `scheme: one of ${SCHEMES.join(', ')} is wanted, or an object whose kind is one of ${SCHEME_KINDS.join(', ')}`,
  );
}

async function newSecret(name: string, value: string, deps: SeedDeps): Promise<string> {
  try {
    await deps.secrets.send(new CreateSecretCommand({ Name: name }));
  } catch (error) {
    if (!(error instanceof ResourceExistsException)) throw error;
  }
  return seedSecret(name, value, deps);
}
