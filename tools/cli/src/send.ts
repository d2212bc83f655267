import { schemeOf, signDelivery } from '@aftercall/signing';
import type { SignatureScheme } from '@aftercall/signing';
import { failure, usage } from './cli-error.ts';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import { counted, short, table, visible } from './readable.ts';
import { readInputFile } from './read-input-file.ts';
import { sourceOf } from './source-of.ts';
import type { StageAccess, StageSource } from './stage-access.ts';

export interface SendOptions {
  readonly source: string;
  /** How often each file is sent, with the same bytes and the same delivery id. */
  readonly repeat: number;
  /** Where to, for a stage on AWS. */
  readonly url?: string;
}

interface Outgoing {
  readonly file: string;
  readonly body: Uint8Array;
  /** Stays the same however often the file is sent, as a sender's retries do. */
  readonly id: string;
}

interface Destination {
  readonly url: string;
  readonly scheme: SignatureScheme;
  readonly secret: string;
}

/** What came back for one delivery. */
export interface Sent {
  readonly file: string;
  readonly status: number;
  readonly events?: number;
  readonly refused?: number;
  readonly deliveryId?: string;
  readonly requestId?: string;
  readonly title?: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
  readonly durationMs: number;
}

/** Longer than the way in ever takes: 2.5 s of its own deadline and a cold start. */
const ANSWER_TIMEOUT_MILLIS = 30_000;
const MAX_ROWS = 50;

/** Signs files as their source would and delivers them, one after the other. */
export async function send(
  files: readonly string[],
  options: SendOptions,
  context: CommandContext,
): Promise<ExitCode> {
  // All are read first: a wrong name is noticed before anything has gone out.
  const outgoing = await Promise.all(files.map((file) => readOutgoing(file, context)));
  const access = await context.connect();
  try {
    const destination = await destinationOf(access, options);
    if (context.options.dryRun) return announce(outgoing, destination, options, context);
    const sent: Sent[] = [];
    for (let round = 0; round < options.repeat; round += 1)
      for (const one of outgoing) sent.push(await deliver(one, destination, context));
    say(context, { source: options.source, url: destination.url, sent }, () => readable(sent, context));
    return exitCodeOf(sent);
  } finally {
    access.close();
  }
}

async function readOutgoing(file: string, { cwd, randomBytes }: CommandContext): Promise<Outgoing> {
  return { file, body: await readInputFile(file, cwd), id: `msg_${randomBytes(16).toString('hex')}` };
}

async function destinationOf(access: StageAccess, options: SendOptions): Promise<Destination> {
  const source = sourceOf(access, options.source);
  const url = urlOf(source, access, options.url);
  const current = await access.currentSecret(source.key);
  if (current === undefined) {
    throw failure(
      `source ${source.key} has no signing secret in stage ${access.stage}`,
      'give it one with `npx aftercall sources add`, or in Secrets Manager',
    );
  }
  return { url, scheme: schemeOf(source.scheme), secret: current };
}

function urlOf(source: StageSource, { stage }: StageAccess, given: string | undefined): string {
  const url = given ?? source.url;
  if (url === undefined) {
    throw usage(
      `--url is needed with --stage ${stage}`,
      "it is the HTTP API's address: --url https://….execute-api.….amazonaws.com",
    );
  }
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw usage(`--url ${url} is not an http(s) address`);
  return new URL(url).pathname === '/' ? new URL(`/webhooks/${source.key}`, url).href : url;
}

async function deliver(one: Outgoing, to: Destination, context: CommandContext): Promise<Sent> {
  const { file, body, id } = one;
  const headers = signDelivery(body, to.scheme, to.secret, { id, now: context.now() });
  const startedAt = context.now().getTime();
  try {
    const response = await context.fetch(to.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: Buffer.from(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MILLIS),
    });
    const answer = await response.text();
    const durationMs = context.now().getTime() - startedAt;
    return { file, status: response.status, ...knownFields(answer), durationMs };
  } catch (error) {
    throw unreachable(to.url, error);
  }
}

function unreachable(url: string, error: unknown): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return failure(
    `${new URL(url).origin} does not answer (${code})`,
    'is the stack still running? start it with `npm start`',
  );
}

type Answer = Partial<Pick<Sent, 'events' | 'refused' | 'deliveryId' | 'requestId' | 'title' | 'errors'>>;

/** The answer may be anybody's: only what has the right form is taken over. */
function knownFields(text: string): Answer {
  const { events, refused, deliveryId, requestId, title, errors } = parsedObject(text);
  return {
    ...(typeof events === 'number' && { events }),
    ...(typeof refused === 'number' && { refused }),
    ...(typeof deliveryId === 'string' && { deliveryId }),
    ...(typeof requestId === 'string' && { requestId }),
    ...(typeof title === 'string' && { title }),
    ...(Array.isArray(errors) && {
      errors: errors.map((error: { pointer?: unknown; message?: unknown } | null) => ({
        pointer: textOf(error?.pointer),
        message: textOf(error?.message),
      })),
    }),
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function parsedObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function exitCodeOf(sent: readonly Sent[]): ExitCode {
  const accepted = sent.filter(({ status }) => status === 200);
  if (accepted.length === 0) return 1;
  const isWhole = accepted.length === sent.length && accepted.every(({ refused }) => !refused);
  return isWhole ? 0 : 3;
}

function announce(
  outgoing: readonly Outgoing[],
  { url, scheme, secret }: Destination,
  { source, repeat }: SendOptions,
  context: CommandContext,
): ExitCode {
  const wouldSend = outgoing.map(({ file, body, id }) => ({
    file,
    bytes: body.byteLength,
    times: repeat,
    headers: ['content-type', ...Object.keys(signDelivery(body, scheme, secret, { id, now: context.now() }))],
  }));
  say(context, { source, url, wouldSend }, () =>
    wouldSend
      .map(
        ({ file, bytes, times, headers }) =>
          `would send ${visible(file)} (${counted(bytes, 'byte')}, ${counted(times, 'time')}) to ${url} with ${headers.join(', ')}`,
      )
      .join('\n'),
  );
  return 0;
}

const COLUMNS = [
  { title: 'file', maxCharacters: 36 },
  { title: 'status', maxCharacters: 6 },
  { title: 'events', maxCharacters: 6 },
  { title: 'refused', maxCharacters: 7 },
  { title: 'deliveryId', maxCharacters: 14 },
  { title: 'ms', maxCharacters: 6 },
];

function readable(sent: readonly Sent[], { colors }: CommandContext): string {
  const rows = sent
    .slice(0, MAX_ROWS)
    .map(({ file, status, events, refused, deliveryId, durationMs }) => [
      file,
      status,
      events,
      refused,
      deliveryId && short(deliveryId),
      durationMs,
    ]);
  const accepted = sent.filter(({ status }) => status === 200).length;
  return [
    table(COLUMNS, rows, colors),
    ...(sent.length > MAX_ROWS ? [`… and ${sent.length - MAX_ROWS} more (--json lists all)`] : []),
    ...distinct(sent.flatMap(problemLines)).map((line) => colors.red(line)),
    ...(sent.length > 1 ? [`${accepted} of ${sent.length} accepted`] : []),
    ...hints(sent).map((line) => colors.dim(line)),
  ].join('\n');
}

function problemLines({ file, status, title, errors, requestId }: Sent): readonly string[] {
  if (status === 200) return [];
  const head = `${file}: ${status} ${title ?? 'and no reason given'}${requestId ? ` (request ${requestId})` : ''}`;
  return [head, ...(errors ?? []).map(({ pointer, message }) => `  ${pointer || '/'} ${message}`)].map(
    visible,
  );
}

function hints(sent: readonly Sent[]): readonly string[] {
  const delivery = sent.find(({ deliveryId }) => deliveryId !== undefined)?.deliveryId;
  return [
    ...(delivery === undefined ? [] : [`trace it: npx aftercall trace ${visible(delivery)}`]),
    ...(sent.some(({ refused }) => refused) ? ['what was refused: npx aftercall set-aside list'] : []),
    ...(sent.some(({ status }) => status === 401)
      ? ['a 401 says no more on purpose: `npx aftercall verify` explains']
      : []),
  ];
}

const distinct = (lines: readonly string[]): readonly string[] => [...new Set(lines)];
