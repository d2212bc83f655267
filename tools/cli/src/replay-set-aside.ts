import { userInfo } from 'node:os';
import type { ClaimingConsumer, ReplayTask } from '@aftercall/schemas';
import { callDeadLetters, type TaskReport } from './call-dead-letters.ts';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import { counted, short } from './readable.ts';
import { selectSetAside, type SelectOptions } from './select-set-aside.ts';

export interface ReplayOptions extends SelectOptions {
  /** Also what is done already. */
  readonly again?: boolean;
  /** Forgets this consumer's claim first. */
  readonly force?: ClaimingConsumer;
  readonly rate?: number;
  readonly because?: string;
}

interface Refusal {
  readonly kind: string;
  readonly id: string;
  readonly reason: string;
  readonly detail: string;
}

interface ReplayReport extends TaskReport {
  readonly replayed: number;
  readonly refused: number;
  readonly refusals: readonly Refusal[];
  readonly busy: number;
}

/** Sends again what was set aside. Exit code 3 when some of it could not go. */
export async function replaySetAside(
  ids: readonly string[],
  options: ReplayOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const access = await context.connect();
  try {
    const dryRun = context.options.dryRun || (access.stack === undefined && !context.options.yes);
    const { again, force, rate, because } = options;
    const task: ReplayTask = {
      task: 'replay',
      run: `replay-${context.now().toISOString()}-${context.randomBytes(4).toString('hex')}`,
      by: userInfo().username,
      selection: await selectSetAside(ids, options, access, context),
      ...(dryRun && { dryRun }),
      ...(again === true && { again }),
      ...(force !== undefined && { force }),
      ...(rate !== undefined && { ratePerSecond: rate }),
      ...(because !== undefined && { reason: because }),
    };
    let total: Omit<ReplayReport, 'left'> = { replayed: 0, refused: 0, refusals: [], busy: 0 };
    let hasMore = false;
    await callDeadLetters<ReplayReport>(task, access, (report) => {
      total = sum(total, report);
      hasMore = report.left;
      if (report.left) context.writeErr(`${counted(total.replayed, 'message')} so far\n`);
    });
    const document = { run: task.run, dryRun, ...total, more: hasMore };
    say(context, document, () => readable(document, access.stack !== undefined));
    return total.refused > 0 || total.busy > 0 ? 3 : 0;
  } finally {
    access.close();
  }
}

const sum = (one: Omit<ReplayReport, 'left'>, other: ReplayReport): Omit<ReplayReport, 'left'> => ({
  replayed: one.replayed + other.replayed,
  refused: one.refused + other.refused,
  refusals: [...one.refusals, ...other.refusals],
  // Each call meets those again that it passed over.
  busy: other.busy,
});

interface Document extends Omit<ReplayReport, 'left'> {
  readonly run: string;
  readonly dryRun: boolean;
  readonly more: boolean;
}

function readable(
  { run, dryRun, replayed, refused, refusals, busy, more }: Document,
  isLocal: boolean,
): string {
  if (replayed + refused + busy === 0)
    return 'nothing of that is waiting; what is done already comes with --again';
  const at = more ? 'at least ' : '';
  return [
    dryRun
      ? `would replay ${at}${counted(replayed, 'message')}`
      : `replayed ${counted(replayed, 'message')} (run ${run})`,
    ...(refused > 0 ? [`refused ${counted(refused, 'message')}, which stay where they are:`] : []),
    ...refusals.map(({ kind, id, reason, detail }) => `  ${kind} ${short(id)}  ${reason}: ${detail}`),
    ...(busy > 0 ? [`passed over ${counted(busy, 'message')}: another replay has them at the moment`] : []),
    ...(dryRun && !isLocal ? ['do it with --yes'] : []),
  ].join('\n');
}
