import { PutSecretValueCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { failure, usage } from './cli-error.ts';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import { judgeRotation, type RotationState, spreadAt } from './judge-rotation.ts';
import { newSigningSecret } from './new-signing-secret.ts';
import { counted, NOTHING, shortTime, table } from './readable.ts';
import { recycleFunction } from './recycle-function.ts';
import { secretUse, type SecretUse, type SecretVersions, versionsOf } from './secret-usage.ts';
import { sourceOf } from './source-of.ts';
import { sourceSecretName } from './stage-access.ts';
import type { StageAccess, StageSource } from './stage-access.ts';

export interface QuietOption {
  /** For how long the previous version must have verified nothing, such as `24h`. */
  readonly quiet: string;
  /** Does it all the same. */
  readonly force?: boolean;
}

/** How a source's secret stands. */
interface SecretStanding {
  readonly source: string;
  readonly state: RotationState;
  readonly changedAt: string;
  readonly verifiedByCurrent: number;
  readonly verifiedByPrevious: number;
  readonly previousLastAt?: string;
}

/** Says which version of each source's secret still verifies deliveries. Changes nothing. */
export async function secretsStatus(options: QuietOption, context: CommandContext): Promise<ExitCode> {
  const quietSeconds = quietSecondsOf(options);
  const access = await context.connect();
  try {
    const standings = await Promise.all(
      access.sources.map(({ key }) => standingOf(key, quietSeconds, access, context)),
    );
    say(context, { stage: access.stage, sources: standings }, () => readable(standings, context));
    return 0;
  } finally {
    access.close();
  }
}

async function standingOf(
  source: string,
  quietSeconds: number,
  access: StageAccess,
  context: CommandContext,
): Promise<SecretStanding> {
  const versions = await versionsOf(sourceSecretName(access.stage, source), access);
  const cacheSeconds = await cacheSecondsOf(access);
  const use = await useSince(source, versions, cacheSeconds, access, context);
  const state = judgeRotation({ versions, use, now: context.now(), cacheSeconds, quietSeconds });
  const lastAt = use.previous.lastAt?.toISOString();
  return {
    source,
    state,
    changedAt: versions.changedAt.toISOString(),
    verifiedByCurrent: use.current.deliveries,
    verifiedByPrevious: use.previous.deliveries,
    ...(lastAt !== undefined && { previousLastAt: lastAt }),
  };
}

const NO_USE: SecretUse = {
  current: { deliveries: 0, lastAt: undefined },
  previous: { deliveries: 0, lastAt: undefined },
};

/** Before a change has spread, a label in the log may be the one of before. */
async function useSince(
  source: string,
  versions: SecretVersions,
  cacheSeconds: number,
  access: StageAccess,
  context: CommandContext,
): Promise<SecretUse> {
  const since = spreadAt(versions, cacheSeconds);
  return since > context.now() ? NO_USE : secretUse(source, since, access, context);
}

const SENTENCES: Readonly<Record<RotationState, string>> = {
  'no-secret': 'has no value yet',
  settled: 'one version',
  spreading: 'the change is spreading: containers may still know the labels of before',
  'previous-in-use': 'AWSPREVIOUS still verifies deliveries: switch the sender to the current secret',
  'current-unused': 'nothing has come that is signed with AWSCURRENT: switch the sender',
  waiting: 'AWSPREVIOUS verifies nothing now; wait until it has been quiet for long enough',
  'previous-idle': 'AWSPREVIOUS verifies nothing any more: it can be retired',
};

function readable(standings: readonly SecretStanding[], { colors }: CommandContext): string {
  const columns = [
    { title: 'source', maxCharacters: 14 },
    { title: 'by current', maxCharacters: 10 },
    { title: 'by previous', maxCharacters: 11 },
    { title: 'previous last', maxCharacters: 20 },
    { title: 'state', maxCharacters: 16 },
  ];
  const rows = standings.map((one) => [
    one.source,
    String(one.verifiedByCurrent),
    String(one.verifiedByPrevious),
    one.previousLastAt === undefined ? NOTHING : shortTime(one.previousLastAt),
    one.state,
  ]);
  const notes = standings
    .filter(({ state }) => state !== 'settled')
    .map(({ source, state }) => `${source}: ${SENTENCES[state]}`);
  return [table(columns, rows, colors), ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}

export interface RotateOptions extends QuietOption {
  /** Also changes a variable of the function, so that every container starts anew. */
  readonly recycle?: boolean;
}

/**
 * Stores a new signing secret and waits until every container that has the old one cached has read it; only then the
 * sender may be switched. The old one goes on verifying as AWSPREVIOUS, and the one before that verifies nothing more.
 */
export async function rotateSecret(
  key: string,
  options: RotateOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const quietSeconds = quietSecondsOf(options);
  const access = await context.connect();
  try {
    const source = sourceOf(access, key);
    const name = sourceSecretName(access.stage, key);
    const standing = await standingOf(key, quietSeconds, access, context);
    if (standing.state === 'no-secret') throw failure(`${name} has no value to rotate`, 'store a first one');
    if (!options.force) refuseInUse(standing, 'a rotation would push it out');
    const waitSeconds = await cacheSecondsOf(access);
    if (isOnlyAsked(access, context)) {
      say(
        context,
        { wouldRotate: name, waitSeconds, recycle: options.recycle ?? false },
        () =>
          `would store a new version of ${name}, wait ${waitSeconds} s and then say to switch the sender${
            access.stack ? '' : ': the same command with --yes'
          }`,
      );
      return 0;
    }
    return await rotate(source, { name, waitSeconds, recycle: options.recycle ?? false }, access, context);
  } finally {
    access.close();
  }
}

interface Plan {
  readonly name: string;
  readonly waitSeconds: number;
  readonly recycle: boolean;
}

async function rotate(
  { key, scheme }: StageSource,
  { name, waitSeconds, recycle }: Plan,
  access: StageAccess,
  context: CommandContext,
): Promise<ExitCode> {
  const secret = newSigningSecret(scheme, context.randomBytes);
  await access.clients.secrets.send(new PutSecretValueCommand({ SecretId: name, SecretString: secret }));
  context.writeErr(`stored a new version of ${name}; the one before goes on verifying as AWSPREVIOUS\n`);
  const recycled = recycle ? await recycleFunction('ingest', access, context) : undefined;
  if (recycled !== undefined) context.writeErr(`${recycled} starts anew\n`);
  context.writeErr(`waiting ${waitSeconds} s, as long as a container may keep what it has read …\n`);
  await context.sleep(waitSeconds * 1000);
  await tellStack(access, context);
  say(
    context,
    { stage: access.stage, source: key, secretName: name, secret, ...(recycled && { recycled }) },
    () =>
      [
        `switch the sender of ${key} now; its new secret is`,
        `  ${secret}`,
        context.colors.dim('afterwards: npx aftercall secrets status'),
      ].join('\n'),
  );
  return 0;
}

/** A stack that runs here says in its local.json what senders sign with. */
async function tellStack({ stack }: StageAccess, { fetch }: CommandContext): Promise<void> {
  if (!stack) return;
  const answer = await fetch(`${stack.local.control}/sources/refresh`, { method: 'POST' });
  if (!answer.ok) throw failure(`the stack answered ${answer.status} to a refresh of its sources`);
}

/** Takes the label AWSPREVIOUS away, so that the version verifies nothing more; refuses while somebody signs with it. */
export async function retireSecret(
  key: string,
  options: QuietOption,
  context: CommandContext,
): Promise<ExitCode> {
  const quietSeconds = quietSecondsOf(options);
  const access = await context.connect();
  try {
    sourceOf(access, key);
    const name = sourceSecretName(access.stage, key);
    const { previous } = await versionsOf(name, access);
    if (previous === undefined) throw failure(`${name} has no previous version to retire`);
    const standing = await standingOf(key, quietSeconds, access, context);
    if (!options.force) refuseInUse(standing, 'what is signed with it would be refused');
    if (!isOnlyAsked(access, context)) {
      await access.clients.secrets.send(
        new UpdateSecretVersionStageCommand({
          SecretId: name,
          VersionStage: 'AWSPREVIOUS',
          RemoveFromVersionId: previous,
        }),
      );
    }
    const isDone = !isOnlyAsked(access, context);
    say(
      context,
      { [isDone ? 'retired' : 'wouldRetire']: name },
      () => `${isDone ? 'retired' : 'would retire'} the previous version of ${name}`,
    );
    return 0;
  } finally {
    access.close();
  }
}

/** @throws CliError while the previous version may be signed with */
function refuseInUse({ source, state, verifiedByPrevious }: SecretStanding, consequence: string): void {
  if (state === 'settled' || state === 'previous-idle') return;
  const seen =
    verifiedByPrevious > 0 ? `, ${counted(verifiedByPrevious, 'delivery')} since the rotation` : '';
  throw failure(
    `the previous secret of ${source} may be in use (${state}${seen}): ${consequence}`,
    `${SENTENCES[state]}; see \`npx aftercall secrets status\`, or give --force`,
  );
}

const isOnlyAsked = ({ stack }: StageAccess, { options }: CommandContext): boolean =>
  options.dryRun || (stack === undefined && !options.yes);

async function cacheSecondsOf({ stage }: StageAccess): Promise<number> {
  const { stageNamed } = await import('@aftercall/infra');
  return stageNamed(stage).secretTtlSeconds;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** @throws CliError with exit code 2 */
function quietSecondsOf({ quiet }: QuietOption): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(quiet) ?? [];
  if (count === undefined) throw usage(`--quiet ${quiet} is no time`, 'use 30s, 10m, 24h or 2d');
  return Number(count) * (UNIT_SECONDS[unit] ?? 0);
}
