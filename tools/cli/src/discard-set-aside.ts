import { userInfo } from 'node:os';
import type { DiscardTask } from '@aftercall/schemas';
import { callDeadLetters, type TaskReport } from './call-dead-letters.ts';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import { counted } from './readable.ts';
import { selectSetAside, type SelectOptions } from './select-set-aside.ts';

export interface DiscardOptions extends SelectOptions {
  /** Why; stays in the index beside who and when. */
  readonly because: string;
}

interface DiscardReport extends TaskReport {
  readonly discarded: number;
  readonly busy: number;
}

/** Gives up what was set aside. Exit code 3 when a replay has some of it at the moment. */
export async function discardSetAside(
  ids: readonly string[],
  options: DiscardOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const access = await context.connect();
  try {
    const dryRun = context.options.dryRun || (access.stack === undefined && !context.options.yes);
    const task: DiscardTask = {
      task: 'discard',
      by: userInfo().username,
      reason: options.because,
      selection: await selectSetAside(ids, options, access, context),
      ...(dryRun && { dryRun }),
    };
    let total = { discarded: 0, busy: 0 };
    await callDeadLetters<DiscardReport>(task, access, ({ discarded, busy }) => {
      total = { discarded: total.discarded + discarded, busy };
    });
    say(context, { dryRun, ...total }, () =>
      [
        `${dryRun ? 'would discard' : 'discarded'} ${counted(total.discarded, 'message')}`,
        ...(total.busy > 0
          ? [`passed over ${counted(total.busy, 'message')}: a replay has them at the moment`]
          : []),
        ...(dryRun && access.stack === undefined ? ['do it with --yes'] : []),
      ].join('\n'),
    );
    return total.busy > 0 ? 3 : 0;
  } finally {
    access.close();
  }
}
