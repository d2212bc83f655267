import {
  archivedMessage,
  type ArchivedMessage,
  type ArchivedNames,
  type QueueMessage,
} from '@aftercall/queue';
import type { Keyring } from '@aftercall/signing';

/** What a message is known by; undefined when it does not say, or nobody vouches for what it says. */
export type NamesOf = (message: QueueMessage, keyring: Keyring) => ArchivedNames | undefined;

export interface ArchiveDeps {
  readonly queueUrl: string;
  readonly namesOf: NamesOf;
  keyring(): Promise<Keyring>;
  /** Resolves once set-aside has it. */
  put(item: ArchivedMessage): Promise<unknown>;
}

const UNKNOWN: ArchivedNames = { source: 'unknown' };

/** Keeps a message that was held too long, under the names that it is known by. */
export async function archiveMessage(
  message: QueueMessage,
  downstream: string,
  deps: ArchiveDeps,
): Promise<void> {
  const keyring = await deps.keyring();
  const names = deps.namesOf(message, keyring) ?? UNKNOWN;
  await deps.put(archivedMessage(message, { queueUrl: deps.queueUrl, downstream, names, keyring }));
}
