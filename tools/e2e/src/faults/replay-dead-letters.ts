import type { ReplayTask } from '@aftercall/schemas';
import { NAME_PREFIX, type VirtualStage } from './virtual-stage.ts';

/** Between an operator's looks at what there is. */
const LOOK_SECONDS = 60;
/** What is still there after so many will not go. */
const MOST_COMMANDS = 20;

/** What an operator does about dead letters: looks at them, replays them all, and looks again. */
export async function replayDeadLetters(stage: VirtualStage, afterSeconds: number): Promise<void> {
  await stage.time.sleep(afterSeconds);
  for (let command = 1; isAnythingLeft(stage) && command <= MOST_COMMANDS; command += 1) {
    await replayAll(stage, `replay-${command}`);
    await stage.time.sleep(LOOK_SECONDS);
  }
}

const isAnythingLeft = (stage: VirtualStage): boolean =>
  stage.waiting() > 0 ||
  stage.dynamodb.items(`${NAME_PREFIX}set-aside`).some(({ pk, state }) => pk === 'dead' && state !== 'DONE');

/** As the command line does it: in as many calls as it takes; one that fails ends it. */
async function replayAll(stage: VirtualStage, run: string): Promise<void> {
  const task: ReplayTask = { task: 'replay', run, by: 'operator', selection: { kinds: ['dead'] } };
  for (let isLeft = true; isLeft; ) {
    const ended = await stage.invoke('dead-letters', task);
    isLeft = ended.outcome === 'returned' && (ended.value as { readonly left: boolean }).left;
  }
}
