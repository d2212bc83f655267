import { SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { ReviewDecision } from '@aftercall/schemas';
import { dynamodbReviewStore, type Review } from '@aftercall/set-aside/reviews';
import { userInfo } from 'node:os';
import { failure, usage } from './cli-error.ts';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import { counted, shortTime, table } from './readable.ts';
import type { StageAccess } from './stage-access.ts';

/** Lists the reviews of dead letters, newest first. Their tokens are nobody's to see. */
export async function listReviews(context: CommandContext): Promise<ExitCode> {
  const access = await context.connect();
  try {
    const reviews = (await storeOf(access).list()).map(({ taskToken: _taskToken, ...review }) => review);
    say(context, { reviews }, () => readable(reviews, context));
    return 0;
  } finally {
    access.close();
  }
}

export interface DecideOptions {
  readonly because?: string;
}

/** Answers a review: its letters are replayed, or discarded for the reason given. */
export async function decideReview(
  id: string,
  decision: ReviewDecision['decision'],
  { because }: DecideOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const access = await context.connect();
  try {
    const review = await findReview(id, access);
    const taskToken = tokenOf(review);
    const answer: ReviewDecision = {
      decision,
      by: userInfo().username,
      ...(because !== undefined && { reason: because }),
    };
    const dryRun = context.options.dryRun || (access.stack === undefined && !context.options.yes);
    if (!dryRun) await sendAnswer(review, taskToken, answer, access);
    const what = decision === 'replay' ? 'replayed' : 'discarded';
    say(context, { review: review.id, dryRun, ...answer }, () =>
      dryRun
        ? `${counted(review.letters, 'letter')} would be ${what}: do it with --yes`
        : `${counted(review.letters, 'letter')} with the reason ${review.reason} will be ${what}`,
    );
    return 0;
  } finally {
    access.close();
  }
}

const storeOf = ({ clients, resources }: StageAccess) =>
  dynamodbReviewStore(clients.documents, resources.setAsideTable);

async function findReview(id: string, access: StageAccess): Promise<Review> {
  const found = (await storeOf(access).list()).filter((review) => review.id.startsWith(id));
  const [only, ...more] = found;
  if (only === undefined) throw failure(`there is no review ${id}`, 'see `npx aftercall review list`');
  if (more.length > 0 && only.id !== id)
    throw usage(`${id} is the start of ${found.length} ids`, 'give more of it');
  return only;
}

/** @throws CliError saying why nobody waits for an answer */
function tokenOf({ id, state, taskToken, decision, decidedBy, cause }: Review): string {
  if (state === 'WAITING' && taskToken !== undefined) return taskToken;
  if (state === 'DONE') throw failure(`review ${id} is done: ${decision} by ${decidedBy}`);
  if (state === 'ESCALATED')
    throw failure(
      `review ${id} was escalated (${cause}): its letters are open, and the next review asks about them`,
      'or replay them now: `npx aftercall set-aside replay --reason REASON`',
    );
  throw failure(`review ${id} does not wait for an answer yet`, 'give the command again in a moment');
}

const TOO_LATE = ['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'];

async function sendAnswer(
  { id }: Review,
  taskToken: string,
  answer: ReviewDecision,
  { clients, stack }: StageAccess,
): Promise<void> {
  const { config } = clients.secrets;
  const endpoint = stack?.local.aws.endpoints.sfn;
  const sfn = new SFNClient({
    region: await config.region(),
    credentials: config.credentials,
    ...(endpoint !== undefined && { endpoint }),
  });
  try {
    await sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(answer) }));
  } catch (error) {
    if (error instanceof Error && TOO_LATE.includes(error.name))
      throw failure(
        `review ${id} was answered already, or its time is over`,
        'see `npx aftercall review list`',
      );
    throw error;
  } finally {
    sfn.destroy();
  }
}

const COLUMNS = [
  { title: 'id', maxCharacters: 40 },
  { title: 'requested', maxCharacters: 20 },
  { title: 'reason', maxCharacters: 20 },
  { title: 'letters', maxCharacters: 8 },
  { title: 'state', maxCharacters: 10 },
  { title: 'decision', maxCharacters: 24 },
];

function readable(reviews: readonly Omit<Review, 'taskToken'>[], { colors }: CommandContext): string {
  if (reviews.length === 0) return 'there are no reviews';
  const rows = reviews.map(({ id, requestedAt, reason, letters, state, decision, decidedBy, cause }) => [
    id,
    shortTime(requestedAt),
    reason,
    String(letters),
    state,
    decision === undefined ? cause : `${decision} by ${decidedBy}`,
  ]);
  return table(COLUMNS, rows, colors);
}
