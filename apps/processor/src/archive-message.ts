import { archivedMessage, type ArchivedMessage, type QueueMessage } from '@aftercall/queue';
import { readEnvelope, sourceKeyOf } from '@aftercall/schemas';
import { checkSeal, type Keyring } from '@aftercall/signing';

export interface ArchiveDeps {
  readonly queueUrl: string;
  keyring(): Promise<Keyring>;
  /** Resolves once set-aside has it. */
  put(item: ArchivedMessage): Promise<unknown>;
  now(): Date;
}

/** Keeps a message that was held too long, under the names that it is known by where its seal vouches for them. */
export async function archiveMessage(message: QueueMessage, deps: ArchiveDeps): Promise<void> {
  const keyring = await deps.keyring();
  const isVouchedFor = checkSeal(message.body, message.seal, keyring, deps.now()) === 'valid';
  const names = isVouchedFor ? namesIn(message) : { source: UNKNOWN_SOURCE };
  await deps.put(archivedMessage(message, { queueUrl: deps.queueUrl, names, keyring }));
}

const UNKNOWN_SOURCE = 'unknown';

function namesIn({ body }: QueueMessage) {
  const read = readEnvelope(body);
  if (read.outcome === 'refused') return { source: UNKNOWN_SOURCE };
  const { envelope } = read;
  return { source: sourceKeyOf(envelope), eventId: envelope.id, conversationId: envelope.subject };
}
