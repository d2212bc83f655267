import { inspectLocalQueue } from './inspect-local-queue.ts';
import { isAccessDenied, LET_ME_IN } from './finding.ts';
import type { Finding } from './finding.ts';
import { queueDepth } from './peek-queue.ts';
import { counted, duration } from './readable.ts';
import type { StageAccess } from './stage-access.ts';

/** What checking queues needs from the outside world. */
export interface CheckQueuesDeps {
  readonly fetch: typeof fetch;
  readonly now: () => Date;
}

interface StageQueue {
  readonly kind: 'queue' | 'dead letters';
  readonly name: string;
  readonly url: string;
}

/** Longer than any back-off of a function: what is older waits for something that does not come by itself. */
const OLD_SECONDS = 3_600;
const NOT_THERE = ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'];

/** Whether every queue is there, how much waits in it and since when. Nothing is received. */
export async function checkQueues(access: StageAccess, deps: CheckQueuesDeps): Promise<readonly Finding[]> {
  const { queueUrls, qaQueueUrls, deadLetterQueueUrls } = access.resources;
  const queues: readonly StageQueue[] = [
    ...Object.entries(queueUrls).map(([name, url]) => ({ kind: 'queue' as const, name, url })),
    ...Object.entries(qaQueueUrls).map(([team, url]) => ({
      kind: 'queue' as const,
      name: `qa-${team}`,
      url,
    })),
    ...Object.entries(deadLetterQueueUrls).map(([name, url]) => ({
      kind: 'dead letters' as const,
      name,
      url,
    })),
  ];
  return Promise.all(queues.map((queue) => checkQueue(queue, access, deps)));
}

async function checkQueue(
  { kind, name, url }: StageQueue,
  access: StageAccess,
  deps: CheckQueuesDeps,
): Promise<Finding> {
  const about = { area: kind, subject: name };
  try {
    const depth = await queueDepth(access.clients.sqs, url);
    if (depth === 0) return { ...about, verdict: 'ok', detail: 'empty' };
    const ageSeconds = access.stack === undefined ? undefined : await oldestSeconds(url, deps);
    return { ...about, ...(kind === 'queue' ? waiting(depth, ageSeconds) : dead(depth, ageSeconds)) };
  } catch (error) {
    if (isAccessDenied(error))
      return { ...about, verdict: 'fail', detail: 'you may not look at it', next: LET_ME_IN };
    if (!(error instanceof Error) || !NOT_THERE.includes(error.name)) throw error;
    return { ...about, verdict: 'fail', detail: 'there is no such queue', next: 'deploy its stack' };
  }
}

/** Only the embedded AWS tells when a message came without handing it out. */
async function oldestSeconds(url: string, { fetch, now }: CheckQueuesDeps): Promise<number | undefined> {
  const view = await inspectLocalQueue(url, fetch);
  const sent = (view?.messages ?? []).flatMap(({ sentAt }) =>
    sentAt === undefined ? [] : [Date.parse(sentAt)],
  );
  return sent.length === 0 ? undefined : Math.max(0, now().getTime() - Math.min(...sent)) / 1000;
}

type Judged = Pick<Finding, 'verdict' | 'detail' | 'next'>;

function waiting(depth: number, ageSeconds: number | undefined): Judged {
  const detail = `${counted(depth, 'message')}, ${since(ageSeconds)}`;
  if (ageSeconds === undefined || ageSeconds <= OLD_SECONDS) return { verdict: 'ok', detail };
  return {
    verdict: 'warn',
    detail,
    next: 'see in the log of its function what it waits for; a QA queue waits for its team',
  };
}

const dead = (depth: number, ageSeconds: number | undefined): Judged => ({
  verdict: 'warn',
  detail: `${counted(depth, 'message')}, ${since(ageSeconds)}`,
  next: 'read the reasons: npx aftercall set-aside list --kind dead',
});

const since = (ageSeconds: number | undefined): string =>
  ageSeconds === undefined
    ? 'the age of the oldest is CloudWatch’s ApproximateAgeOfOldestMessage'
    : `the oldest for ${duration(ageSeconds)}`;
