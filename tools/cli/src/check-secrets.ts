import { parseClientCredentials } from '@aftercall/oauth';
import { parseKeyring, schemeOf, signDelivery } from '@aftercall/signing';
import { messageOf } from './cli-error.ts';
import { isAccessDenied, LET_ME_IN } from './finding.ts';
import type { Finding } from './finding.ts';
import type { GenesysClient } from './genesys-clients.ts';
import { sealingSecretName, sourceSecretName } from './stage-access.ts';
import type { StageAccess } from './stage-access.ts';

/** The current value of a secret; undefined when there is none. */
export type ReadSecret = (name: string) => Promise<string | undefined>;

interface ExpectedSecret {
  readonly name: string;
  readonly what: string;
  /** Throws at a value that is of no use; the message shows nothing of it. */
  readonly parse: (value: string) => unknown;
  readonly whenMissing: string;
}

/** Whether every secret of the stage is there, has a value, and one that its readers understand. Shows no value. */
export async function checkSecrets(
  access: StageAccess,
  clients: readonly GenesysClient[],
  readSecret: ReadSecret,
): Promise<readonly Finding[]> {
  const expected = [sealingSecret(access), ...sourceSecrets(access), ...clients.map(clientSecret)];
  return Promise.all(expected.map((one) => checkSecret(one, readSecret)));
}

async function checkSecret(
  { name, what, parse, whenMissing }: ExpectedSecret,
  readSecret: ReadSecret,
): Promise<Finding> {
  const about = { area: 'secret', subject: name } as const;
  const read = await readSecret(name).catch((error: unknown) => {
    if (isAccessDenied(error)) return error;
    throw error;
  });
  if (read instanceof Error)
    return { ...about, verdict: 'fail', detail: 'you may not read it', next: LET_ME_IN };
  if (read === undefined || read === '')
    return { ...about, verdict: 'fail', detail: `${what} is not there, or has no value`, next: whenMissing };
  try {
    parse(read);
    return { ...about, verdict: 'ok', detail: what };
  } catch (error) {
    return { ...about, verdict: 'fail', detail: messageOf(error), next: 'store a value of that form in it' };
  }
}

const sealingSecret = ({ stage }: StageAccess): ExpectedSecret => ({
  name: sealingSecretName(stage),
  what: 'the keyring that messages are sealed with',
  parse: parseKeyring,
  whenMissing: 'store a keyring in it, infra/README.md says how',
});

const sourceSecrets = ({ stage, sources }: StageAccess): readonly ExpectedSecret[] =>
  sources.map(({ key, scheme }) => ({
    name: sourceSecretName(stage, key),
    what: `what source ${key} signs with`,
    parse: (value) =>
      signDelivery(new Uint8Array(), schemeOf(scheme), value, { id: 'none', now: new Date(0) }),
    whenMissing: 'store the secret that the sender was given in it',
  }));

const clientSecret = ({ secretName }: GenesysClient): ExpectedSecret => ({
  name: secretName,
  what: 'an OAuth client',
  parse: parseClientCredentials,
  whenMissing: 'store {"clientId": "…", "clientSecret": "…"} of an OAuth client of its own in it',
});
