import { type AwsAccess, secretsManagerCall } from '@aftercall/aws-json/function';
import type { CircuitSettings } from '@aftercall/environment';
import type { QueueMessage } from '@aftercall/queue';
import { parsedSecret, secretsManagerSecrets } from '@aftercall/secrets';
import { s3SetAside } from '@aftercall/set-aside';
import { parseKeyring } from '@aftercall/signing';
import { archiveMessage, type NamesOf } from './archive-message.ts';

/** What is archived is few and late: a client that hangs costs the messages their place, not their life. */
const IMPATIENT = { maxAttempts: 2, timeoutMillis: 1_000 };
/** A keyring older than this may lack the key that a message was sealed with. */
const KEYRING_TTL_SECONDS = 300;

export interface ArchiveProps {
  readonly access: AwsAccess;
  readonly settings: CircuitSettings;
  readonly queueUrl: string;
  readonly namesOf: NamesOf;
  now(): Date;
  random(): number;
}

/** The stage's archive, with calls of its own: for functions that need it in an outage only, and load S3's client then. */
export function secretsManagerArchive({ access, settings, queueUrl, namesOf, now, random }: ArchiveProps) {
  const secrets = secretsManagerSecrets(secretsManagerCall({ access, ...IMPATIENT }), {
    ttlSeconds: KEYRING_TTL_SECONDS,
    now,
    random,
  });
  const { current: keyring } = parsedSecret(secrets, settings.sealingSecretName, parseKeyring);
  const { put } = s3SetAside(settings.setAsideBucket, settings.setAsideTable, now);
  return (message: QueueMessage, downstream: string) =>
    archiveMessage(message, downstream, { queueUrl, namesOf, keyring, put });
}
