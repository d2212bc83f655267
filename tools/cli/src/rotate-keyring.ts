import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { parseKeyring, renewedKeyring } from '@aftercall/signing';
import { failure } from './cli-error.ts';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import { counted } from './readable.ts';
import { sealingSecretName } from './stage-access.ts';
import type { StageAccess } from './stage-access.ts';

const KEY_BYTES = 32;
const NAME_BYTES = 4;

/**
 * Gives the stage's keyring a new key to seal with; the keys before it go on opening for 90 days. Nothing has to wait: a
 * container that meets a seal of a key it does not know reads the keyring again.
 */
export async function rotateKeyring(context: CommandContext): Promise<ExitCode> {
  const access = await context.connect();
  try {
    const name = sealingSecretName(access.stage);
    const { versionId, text } = await currentVersion(name, access);
    const [now, key] = [context.now(), context.randomBytes(KEY_BYTES).toString('base64')];
    const kid = `${now.toISOString().slice(0, 10)}-${context.randomBytes(NAME_BYTES).toString('hex')}`;
    const renewed = renewedKeyring(parseKeyring(text), { kid, key }, now);
    const isDone = !context.options.dryRun && (access.stack !== undefined || context.options.yes);
    if (isDone) await promote(name, JSON.stringify(renewed), versionId, access);
    const kids = Object.keys(renewed.keys);
    say(context, { [isDone ? 'rotated' : 'wouldRotate']: name, seals: kid, opens: kids }, () =>
      isDone
        ? `${name}: ${kid} seals now; ${counted(kids.length, 'key')} open`
        : `would let a new key of ${name} seal; ${counted(kids.length, 'key')} would open`,
    );
    return 0;
  } finally {
    access.close();
  }
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
