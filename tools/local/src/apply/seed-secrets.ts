import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-secrets-manager';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

export interface SeedDeps {
  readonly secrets: SecretsManagerClient;
  /** A number of random bytes. */
  readonly randomBytes: (count: number) => Buffer;
}

const SECRET_BYTES = 32;

/** How a source signs: the name of a scheme, or one spelt out. */
export type SourceScheme = string | { readonly kind: string };

/** A signing secret of the form that the scheme wants. */
export function newSigningSecret(scheme: SourceScheme, randomBytes: (count: number) => Buffer): string {
  const kind = typeof scheme === 'string' ? scheme : scheme.kind;
  const bytes = randomBytes(SECRET_BYTES);
  return kind === 'standard-webhooks' ? `whsec_${bytes.toString('base64')}` : bytes.toString('hex');
}

/** The first keyring that seals queue messages. */
export function newKeyring(randomBytes: (count: number) => Buffer): string {
  const kid = `local-${randomBytes(4).toString('hex')}`;
  return JSON.stringify({
    current: kid,
    keys: { [kid]: { key: randomBytes(SECRET_BYTES).toString('base64') } },
  });
}

/** Gives a secret its first value. One that has a value keeps it: the endpoint may outlive the stack. */
export async function seedSecret(name: string, value: string, { secrets }: SeedDeps): Promise<string> {
  try {
    const present = await secrets.send(new GetSecretValueCommand({ SecretId: name }));
    if (present.SecretString !== undefined) return present.SecretString;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
  await secrets.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));
  return value;
}
