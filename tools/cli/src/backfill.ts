import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { runsOf, type BackfillCounts, type RunItem } from './backfill-items.ts';
import { failure, usage } from './cli-error.ts';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import { counted, shortTime } from './readable.ts';
import type { StageAccess } from './stage-access.ts';

export interface BackfillOptions {
  /** `FROM/TO`, ISO 8601. */
  readonly interval: string;
  /** Default: every source of the backfill. */
  readonly source?: string;
  /** Asks the query, which knows the last hours, and not a job. */
  readonly recent?: boolean;
  readonly wait?: boolean;
}

/** The message that the backfill reads. */
interface Message {
  readonly kind: 'interval';
  readonly request: string;
  readonly from: string;
  readonly to: string;
  readonly source?: string;
  readonly by: 'job' | 'query';
}

const REQUEST_BYTES = 12;
const POLL_MILLIS = 1_000;
const DAY_MILLIS = 86_400_000;
/** The backfill refuses more. */
const MAX_DAYS = 366;

/** Asks the backfill to go through an interval. Exit code 1 when it was waited for and came to nothing. */
export async function backfill(options: BackfillOptions, context: CommandContext): Promise<ExitCode> {
  const interval = parseInterval(options.interval, context.now());
  const message: Message = {
    kind: 'interval',
    request: `cli-${context.randomBytes(REQUEST_BYTES).toString('hex')}`,
    ...interval,
    ...(options.source !== undefined && { source: options.source }),
    by: options.recent ? 'query' : 'job',
  };
  const access = await context.connect();
  try {
    const queueUrl = await backfillQueue(access, options.source);
    if (context.options.dryRun) {
      say(context, { wouldSend: message }, () => `would ask for ${sentence(message)}`);
      return 0;
    }
    const MessageBody = JSON.stringify(message);
    await access.clients.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
    if (options.wait) return await waitFor(message, access, context);
    say(context, { sent: message }, () =>
      [
        `asked for ${sentence(message)}`,
        context.colors.dim(`afterwards: npx aftercall completeness --date ${message.from.slice(0, 10)}`),
      ].join('\n'),
    );
    return 0;
  } finally {
    access.close();
  }
}

const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** @throws CliError with exit code 2 */
function parseInterval(text: string, now: Date): { readonly from: string; readonly to: string } {
  const parts = text.split('/');
  const [from, to] = parts.map((part) => (TIME.test(part) ? new Date(part) : new Date(NaN)));
  const next = 'use 2026-11-20/2026-11-21 or 2026-11-20T14:00:00Z/2026-11-20T16:00:00Z';
  if (from === undefined || to === undefined || parts.length > 2 || !(from.getTime() < to.getTime()))
    throw usage(`--interval ${text} is no interval`, next);
  if (to > now)
    throw usage(`--interval ${text} ends in the future`, `end it by ${shortTime(now)} at the latest`);
  if (to.getTime() - from.getTime() > MAX_DAYS * DAY_MILLIS)
    throw usage(`--interval ${text} is longer than ${MAX_DAYS} days`, 'ask for it in parts');
  return { from: from.toISOString(), to: to.toISOString() };
}

/** @throws CliError when the stage has no backfill, or not of that source */
async function backfillQueue(access: StageAccess, source: string | undefined): Promise<string> {
  const { stageNamed } = await import('@aftercall/infra');
  const queueUrl = access.resources.queueUrls['backfill'];
  const keys = (stageNamed(access.stage).backfill?.sources ?? []).map(({ key }) => key);
  if (queueUrl === undefined)
    throw failure(
      `stage ${access.stage} has no backfill`,
      `add \`backfill\` to infra/stages/${access.stage}.ts`,
    );
  if (source !== undefined && !keys.includes(source))
    throw usage(
      `${JSON.stringify(source)} is no source of the backfill in stage ${access.stage}: there are ${keys.join(', ')}`,
    );
  return queueUrl;
}

function sentence({ from, to, source, by }: Message): string {
  const whose = source === undefined ? 'of every source' : `of ${source}`;
  const how = by === 'query' ? ', by the query' : '';
  return `conversations ${whose} that ended from ${shortTime(from)} to ${shortTime(to)}${how}`;
}

async function waitFor(message: Message, access: StageAccess, context: CommandContext): Promise<ExitCode> {
  let told = '';
  for (;;) {
    const runs = await runsOf(access, message.request);
    const text =
      runs === undefined ? 'waiting for the backfill to take it up' : runs.map(progress).join('\n');
    if (text !== told) context.writeErr(`${text}\n`);
    told = text;
    if (runs?.every((run) => run !== undefined && run.status !== 'RUNNING'))
      return finish(
        message,
        runs.filter((run) => run !== undefined),
        context,
      );
    await context.sleep(POLL_MILLIS);
  }
}

function progress(run: RunItem | undefined): string {
  if (run === undefined) return 'waiting for its turn';
  const at = run.status === 'RUNNING' ? ` (at ${run.window.from.slice(0, 10)})` : '';
  return `${run.source}: ${countsText(total(run))}${at}`;
}

/** Of the days that are done and the one that is being gone through. */
function total({ finished, window }: RunItem): BackfillCounts {
  const sum = (name: keyof BackfillCounts) => finished[name] + window.counts[name];
  return {
    seen: sum('seen'),
    withOutcome: sum('withOutcome'),
    sent: sum('sent'),
    withoutMetrics: sum('withoutMetrics'),
    failed: sum('failed'),
  };
}

/** A sentence of counts, such as `250 conversations: 240 with an outcome, 9 sent, 1 missing`. */
export function countsText({ seen, withOutcome, sent, withoutMetrics, failed }: BackfillCounts): string {
  const missing = withoutMetrics + failed;
  return `${counted(seen, 'conversation')}: ${withOutcome} with an outcome, ${sent} sent, ${missing} missing`;
}

function finish(message: Message, runs: readonly RunItem[], context: CommandContext): ExitCode {
  const results = runs.map((run) => ({
    source: run.source,
    status: run.status,
    isProvisional: run.isProvisional,
    ...total(run),
  }));
  say(context, { request: message.request, runs: results }, () =>
    runs
      .map((run) => {
        const end = { DONE: 'done', FAILED: 'given up, see the dead letters', RUNNING: '' }[run.status];
        const note = run.isProvisional ? '; Genesys Cloud may know of more later' : '';
        return `${run.source}: ${end}. ${countsText(total(run))}${note}`;
      })
      .join('\n'),
  );
  return runs.every(({ status }) => status === 'DONE') ? 0 : 1;
}
