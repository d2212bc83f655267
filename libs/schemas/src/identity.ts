import { createHash, hash } from 'node:crypto';

export const sha256 = (data: string | Uint8Array): string => hash('sha256', data, 'hex');

/** What an event is named by, besides what its sender declared. */
export interface IdentityParts {
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly conversationId: string;
  readonly communicationId: string | undefined;
  /** JSON text of the business data, known fields in their fixed order. */
  readonly canonicalData: string;
}

/**
 * The event's id: the same on every retry, in whatever grouping the sender repeats it. Never a constant, never the
 * conversation alone, never a position in a list.
 */
export function eventId(declared: string | undefined, parts: IdentityParts): string {
  const name = declared ?? contentId(parts);
  return `${name}#${parts.conversationId}/${parts.communicationId ?? '-'}`;
}

function contentId({ source, type, time, conversationId, canonicalData }: IdentityParts): string {
  const content = createHash('sha256');
  for (const part of [source, type, conversationId, time, canonicalData]) content.update(part).update('\n');
  return content.digest('hex');
}

/** Quarantine key, stored-delivery key and `deliveryid` in one: the same bytes from the same source are the same delivery. */
export const deliveryId = (source: string, body: Uint8Array): string =>
  createHash('sha256').update(source).update('\n').update(body).digest('hex');

const SQS_ID = /^[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/;

/**
 * One message group per conversation of an organisation.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html (MessageGroupId)
 */
export function messageGroupId(org: string, conversationId: string): string {
  const plain = `${org}/${conversationId}`;
  return SQS_ID.test(plain) ? plain : sha256(plain);
}

/** SQS's five minutes of deduplication only save cost; the ledger decides. `replayRun` is empty on first sending. */
export const messageDeduplicationId = (
  event: { readonly source: string; readonly id: string; readonly digest: string },
  replayRun: string,
): string => sha256([event.source, event.id, event.digest, replayRun].join('\n'));

/**
 * What the ledger and the facts know a transcript by: itself, and not the event that asked for it, so that several
 * events are one effect and one fact.
 */
export const transcriptEventId = ({
  conversationId,
  communicationId,
}: {
  readonly conversationId: string;
  readonly communicationId?: string;
}): string => `transcript#${conversationId}/${communicationId ?? '-'}`;
