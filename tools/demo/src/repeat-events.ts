import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { Answer, PlannedDelivery } from '@aftercall/genesys-simulator';
import { sdkSqs } from '@aftercall/aws-json/sdk-sqs';
import { createEnqueue, sealedEntry, sqsSendBatch } from '@aftercall/queue';
import type { QueueEntry } from '@aftercall/queue';
import { parseJson, recognise, sha256, splitDelivery } from '@aftercall/schemas';
import type { EventEnvelope } from '@aftercall/schemas';
import { parseKeyring } from '@aftercall/signing';
import type { DemoClients } from './aws-clients.ts';

/** Every so many accepted deliveries one comes again. */
const REPEAT_EVERY = 10;
const SEALING_SECRET = 'aftercall/local/sealing';
/** The ledger of the local stage remembers longer than any date in the traffic. */
const RETENTION_SECONDS = 3_653 * 86_400;

interface RepeatOptions {
  readonly queueUrl: string;
  readonly now: () => Date;
  readonly hadEffect: (event: { readonly org: string; readonly id: string }) => boolean;
}

/**
 * Puts events of accepted deliveries on the queue once more, under other deduplication ids, as they come when a
 * sender tries again after SQS's five minutes. Without it the queue would stop every duplicate of a short run, and
 * nothing would be known of the ledger. Only events that had their effect come again: the others must show as lost.
 *
 * @returns how many
 */
export async function repeatEvents(
  answers: readonly Answer[],
  { sqs, secrets }: DemoClients,
  { queueUrl, now, hadEffect }: RepeatOptions,
): Promise<number> {
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: SEALING_SECRET }));
  const keyring = parseKeyring(SecretString ?? '');
  const accepted = answers.filter(
    ({ status, delivery }) => status === 200 && delivery.expectation.events > 0,
  );
  const chosen = accepted.filter((_answer, index) => index % REPEAT_EVERY === 0);
  const envelopes = chosen.flatMap(({ delivery }) => envelopesOf(delivery, now())).filter(hadEffect);
  await createEnqueue(sqsSendBatch(sdkSqs(sqs), queueUrl))(
    envelopes.map((envelope) => deduplicatedAnew(sealedEntry(envelope, keyring))),
  );
  return envelopes.length;
}

function deduplicatedAnew(entry: QueueEntry): QueueEntry {
  return { ...entry, deduplicationId: sha256(`${entry.deduplicationId} after five minutes`) };
}

/** What ingest made of a delivery: ids and digests follow from its bytes. */
function envelopesOf({ body, source, deliveryId }: PlannedDelivery, now: Date): readonly EventEnvelope[] {
  const known = { ...source, org: source.org ?? source.key, secretName: '' };
  const parsed = parseJson(body);
  const recognised = parsed.outcome === 'parsed' ? recognise(parsed.value, asSource(known)) : undefined;
  if (recognised === undefined) throw new Error('an accepted delivery cannot be read');
  const { events } = splitDelivery(recognised, {
    source: asSource(known),
    deliveryId,
    receivedTime: now,
    signedId: source.scheme === 'standard-webhooks' ? deliveryId : undefined,
    traceparent: undefined,
    retentionSeconds: RETENTION_SECONDS,
    objectRef: (key) => key,
  });
  return events.map(({ envelope }) => envelope);
}

type KnownSource = PlannedDelivery['source'] & { readonly org: string; readonly secretName: string };

function asSource({ key, scheme, org, secretName }: KnownSource): Parameters<typeof recognise>[1] {
  if (typeof scheme === 'string') return { key, scheme, org, secretName };
  throw new Error(`source ${key}: the local stage names its schemes`);
}
