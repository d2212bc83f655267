import {
  CreateSecretCommand,
  PutSecretValueCommand,
  ResourceExistsException,
} from '@aws-sdk/client-secrets-manager';
import { schemeOf } from '@aftercall/signing';
import { failure, usage } from './cli-error.ts';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import { newSigningSecret } from './new-signing-secret.ts';
import { table } from './readable.ts';
import { sourceSecretName } from './stage-access.ts';
import type { StageAccess, StageSource } from './stage-access.ts';

export interface ListSourcesOptions {
  readonly showSecret: boolean;
}

interface ListedSource extends StageSource {
  readonly secret?: string;
}

/** Lists the stage's ways in; secrets only when asked for. */
export async function listSources(options: ListSourcesOptions, context: CommandContext): Promise<ExitCode> {
  const access = await context.connect();
  try {
    const listed = await Promise.all(
      access.sources.map(async (source): Promise<ListedSource> => {
        if (!options.showSecret) return source;
        const current = await access.currentSecret(source.key);
        return { ...source, ...(current !== undefined && { secret: current }) };
      }),
    );
    say(context, { stage: access.stage, sources: listed }, () => readable(listed, access, context));
    return 0;
  } finally {
    access.close();
  }
}

const COLUMNS = [
  { title: 'source', maxCharacters: 14 },
  { title: 'scheme', maxCharacters: 18 },
  { title: 'org', maxCharacters: 12 },
];

function readable(listed: readonly ListedSource[], access: StageAccess, { colors }: CommandContext): string {
  const rows = listed.map(({ key, scheme, org, url }) => [
    key,
    schemeText(scheme),
    org,
    url ?? sourceSecretName(access.stage, key),
  ]);
  const last = access.stack === undefined ? 'secret name' : 'url';
  const secrets = listed.flatMap(({ key, secret }) => (secret === undefined ? [] : [`${key}  ${secret}`]));
  return [
    table([...COLUMNS, { title: last, maxCharacters: 46 }], rows, colors),
    ...(secrets.length > 0 ? ['', colors.dim('secrets'), ...secrets] : []),
  ].join('\n');
}

function schemeText(scheme: StageSource['scheme']): string {
  if (typeof scheme === 'string') return scheme;
  return scheme.kind === 'static-header' ? `static-header ${scheme.header}` : scheme.kind;
}

export interface AddSourceOptions {
  /** A scheme's name, or its JSON. */
  readonly scheme: string;
}

const SOURCE_KEY = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Adds a way in: to the stack that runs here at once, to a stage on AWS its secret and what to write into its file. */
export async function addSource(
  key: string,
  options: AddSourceOptions,
  context: CommandContext,
): Promise<ExitCode> {
  if (!SOURCE_KEY.test(key))
    throw usage(
      `source key ${JSON.stringify(key)} will not do`,
      'lower-case letters, digits and hyphens, at most 63',
    );
  const scheme = parseScheme(options.scheme);
  const access = await context.connect();
  try {
    if (access.sources.some((source) => source.key === key))
      throw failure(`there is a source ${key} in stage ${access.stage} already`, 'choose another key');
    return await (access.stack === undefined
      ? addOnAws({ key, scheme }, access, context)
      : addLocally({ key, scheme }, access.stack.local.control, context));
  } finally {
    access.close();
  }
}

function parseScheme(text: string): StageSource['scheme'] {
  const next =
    'use genesys-webhook, open-messaging, standard-webhooks, or JSON such as {"kind":"hmac","headers":["x-signature"],"encoding":"hex","prefix":""}';
  try {
    const scheme = (text.trim().startsWith('{') ? JSON.parse(text) : text) as StageSource['scheme'];
    schemeOf(scheme);
    return scheme;
  } catch {
    throw usage(`--scheme ${text} is no known scheme`, next);
  }
}

interface NewSource {
  readonly key: string;
  readonly scheme: StageSource['scheme'];
}

async function addLocally(source: NewSource, control: string, context: CommandContext): Promise<ExitCode> {
  if (context.options.dryRun) {
    say(context, { wouldAdd: source }, () => `would add source ${source.key} to the running stack`);
    return 0;
  }
  const response = await context.fetch(`${control}/sources`, {
    method: 'POST',
    body: JSON.stringify(source),
  });
  const answer = (await response.json()) as { url?: string; secret?: string; error?: string };
  if (!response.ok) throw failure(answer.error ?? `the stack answered ${response.status}`);
  say(context, answer, () =>
    [
      `added source ${source.key} (${schemeText(source.scheme)}) to the running stack; it lasts as long as the stack`,
      `  url     ${answer.url}`,
      `  secret  ${answer.secret}`,
      context.colors.dim(`try it: npx aftercall send FILE --source ${source.key}`),
    ].join('\n'),
  );
  return 0;
}

async function addOnAws(source: NewSource, access: StageAccess, context: CommandContext): Promise<ExitCode> {
  const { stage } = access;
  const file = `infra/stages/${stage}.ts`;
  const line = `{ key: '${source.key}', scheme: ${schemeLiteral(source.scheme)} },`;
  const secretName = sourceSecretName(stage, source.key);
  const isAsked = context.options.yes && !context.options.dryRun;
  const secret = isAsked ? await makeSecret(secretName, source.scheme, access, context) : undefined;
  say(context, { stage, file, line, secretName, ...(secret && { secret }) }, () =>
    [
      `add to \`sources\` in ${file}:`,
      `  ${line}`,
      ...(secret === undefined
        ? [`then make its secret ${secretName}: the same command with --yes`]
        : [
            `made the secret ${secretName}; it is shown this once:`,
            `  ${secret}`,
            `before the next apply, import it into the foundation's state as aws_secretsmanager_secret.source_${source.key}`,
          ]),
    ].join('\n'),
  );
  return 0;
}

/** Fills a secret that Terraform made empty, or makes it; never overwrites one that has a value. */
async function makeSecret(
  name: string,
  scheme: StageSource['scheme'],
  { clients, currentSecret }: StageAccess,
  { randomBytes }: CommandContext,
): Promise<string> {
  const key = name.slice(name.lastIndexOf('/') + 1);
  if ((await currentSecret(key)) !== undefined)
    throw failure(`the secret ${name} has a value already`, 'rotate it instead of making it');
  const value = newSigningSecret(scheme, randomBytes);
  try {
    await clients.secrets.send(new CreateSecretCommand({ Name: name, SecretString: value }));
  } catch (error) {
    if (!(error instanceof ResourceExistsException)) throw error;
    await clients.secrets.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));
  }
  return value;
}

const schemeLiteral = (scheme: StageSource['scheme']): string =>
  typeof scheme === 'string' ? `'${scheme}'` : JSON.stringify(scheme);
