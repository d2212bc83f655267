import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { parseKeyring, renewedKeyring } from '@aftercall/signing';
import type { Keyring } from '@aftercall/signing';
import { failure } from './cli-error.ts';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import { counted } from './readable.ts';
import { sealingSecretName } from './stage-access.ts';
import type { StageAccess } from './stage-access.ts';

const KEY_BYTES = 32;
const NAME_BYTES = 4;

const POLL_MILLIS = 500;
/** Four steps of a function that may have to start. */
const MAX_POLLS = 120;

/**
 * Gives the stage's keyring a new key to seal with; the keys before it go on opening for 90 days. Where a function
 * rotates it, that function is asked to. Nothing has to wait: a container that meets a seal of a key it does not know
 * reads the keyring again.
 */
export async function rotateKeyring(context: CommandContext): Promise<ExitCode> {
  const access = await context.connect();
  try {
    const name = sealingSecretName(access.stage);
    const { RotationEnabled: isRotated } = await access.clients.secrets.send(
      new DescribeSecretCommand({ SecretId: name }),
    );
    const isDone = !context.options.dryRun && (access.stack !== undefined || context.options.yes);
    const renewed =
      isDone && isRotated
        ? await rotateByFunction(name, access, context)
        : await rotateHere(name, isDone, access, context);
    const kids = Object.keys(renewed.keys);
    say(context, { [isDone ? 'rotated' : 'wouldRotate']: name, seals: renewed.current, opens: kids }, () =>
      isDone
        ? `${name}: ${renewed.current} seals now; ${counted(kids.length, 'key')} open`
        : `would let a new key of ${name} seal; ${counted(kids.length, 'key')} would open`,
    );
    return 0;
  } finally {
    access.close();
  }
}

async function rotateByFunction(
  SecretId: string,
  access: StageAccess,
  { sleep }: CommandContext,
): Promise<Keyring> {
  const { secrets } = access.clients;
  const { VersionId = '' } = await secrets.send(new RotateSecretCommand({ SecretId }));
  for (let polls = 0; polls < MAX_POLLS; polls += 1) {
    const { VersionIdsToStages } = await secrets.send(new DescribeSecretCommand({ SecretId }));
    if (VersionIdsToStages?.[VersionId]?.includes('AWSCURRENT'))
      return parseKeyring((await currentVersion(SecretId, access)).text);
    await sleep(POLL_MILLIS);
  }
  throw failure(
    `the rotation of ${SecretId} did not end; the keyring before it is in use`,
    'the log of secret-rotator says which step failed',
  );
}

async function rotateHere(
  name: string,
  isDone: boolean,
  access: StageAccess,
  context: CommandContext,
): Promise<Keyring> {
  const { versionId, text } = await currentVersion(name, access);
  const [now, key] = [context.now(), context.randomBytes(KEY_BYTES).toString('base64')];
  const kid = `${now.toISOString().slice(0, 10)}-${context.randomBytes(NAME_BYTES).toString('hex')}`;
  const renewed = renewedKeyring(parseKeyring(text), { kid, key }, now);
  if (isDone) await promote(name, JSON.stringify(renewed), versionId, access);
  return renewed;
}

async function currentVersion(name: string, { clients }: StageAccess) {
  const { SecretString: text, VersionId: versionId } = await clients.secrets.send(
    new GetSecretValueCommand({ SecretId: name }),
  );
  if (text === undefined || versionId === undefined) throw failure(`${name} has no text to rotate`);
  return { text, versionId };
}

/** The label moves from the version that was read and from no other: of two rotations at one time, one is refused. */
async function promote(name: string, text: string, from: string, { clients }: StageAccess): Promise<void> {
  const { VersionId } = await clients.secrets.send(
    new PutSecretValueCommand({ SecretId: name, SecretString: text, VersionStages: ['AWSPENDING'] }),
  );
  await clients.secrets.send(
    new UpdateSecretVersionStageCommand({
      SecretId: name,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: VersionId,
      RemoveFromVersionId: from,
    }),
  );
}
