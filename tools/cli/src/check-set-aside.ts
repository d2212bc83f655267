import type { SetAsideKind } from '@aftercall/set-aside';
import { isAccessDenied, LET_ME_IN } from './finding.ts';
import type { Finding } from './finding.ts';
import { openSetAside } from './open-set-aside.ts';
import { duration } from './readable.ts';
import { SET_ASIDE_KINDS } from './set-aside-kinds.ts';
import type { StageAccess } from './stage-access.ts';
import { unreachableCode } from './unreachable-code.ts';

/** Beyond that it says "at least": who has so many wants to know that, not how many. */
const MOST_COUNTED = 1_000;

const SEE_CIRCUITS = 'what waits for it: npx aftercall circuit status';

/** What of each kind waits in set-aside for somebody to replay or discard it, and since when. */
export const checkSetAside = (access: StageAccess, now: () => Date): Promise<readonly Finding[]> =>
  Promise.all(SET_ASIDE_KINDS.map((kind) => checkKind(kind, access, now)));

async function checkKind(kind: SetAsideKind, access: StageAccess, now: () => Date): Promise<Finding> {
  const about = { area: 'set aside', subject: kind } as const;
  try {
    const { count, oldest } = await unfinished(kind, access, now);
    if (oldest === undefined) return { ...about, verdict: 'ok', detail: 'nothing waits' };
    const atLeast = count === MOST_COUNTED ? 'at least ' : '';
    const seconds = Math.max(0, now().getTime() - Date.parse(oldest)) / 1000;
    return {
      ...about,
      verdict: 'warn',
      detail: `${atLeast}${count} waiting, the oldest for ${duration(seconds)}`,
      next: `read the reasons: npx aftercall set-aside list --kind ${kind}`,
    };
  } catch (error) {
    if (isAccessDenied(error))
      return { ...about, verdict: 'fail', detail: 'you may not look at it', next: LET_ME_IN };
    const code = unreachableCode(error);
    if (code !== undefined)
      return { ...about, verdict: 'fail', detail: `DynamoDB does not answer (${code})`, next: SEE_CIRCUITS };
    if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
    return { ...about, verdict: 'fail', detail: 'there is no such table', next: 'deploy the foundation' };
  }
}

async function unfinished(kind: SetAsideKind, access: StageAccess, now: () => Date) {
  let count = 0;
  let oldest: string | undefined;
  const states = ['OPEN', 'REPLAYING'] as const;
  for await (const { receivedTime } of openSetAside(access, now).inOrder({ kind, states })) {
    oldest ??= receivedTime;
    count += 1;
    if (count === MOST_COUNTED) break;
  }
  return { count, oldest };
}
