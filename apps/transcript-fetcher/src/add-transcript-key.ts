/** Two writers of one conversation are rare; five losses in a row mean something else. */
const MERGE_ATTEMPTS = 5;
/** How many a conversation lists. */
const MAX_TRANSCRIPTS = 100;

/** What a conversation's item says of its transcripts. */
export interface KnownTranscripts {
  readonly transcripts: readonly string[];
  readonly revision: number;
}

export interface ConversationTranscripts {
  /** Undefined when there is no such conversation. */
  readTranscripts(conversationKey: string): Promise<KnownTranscripts | undefined>;
  /** Writes the list unless the conversation's revision has moved on. */
  writeTranscripts(conversationKey: string, next: KnownTranscripts): Promise<'written' | 'moved-on'>;
}

/**
 * Adds a transcript to its conversation; adding it again changes nothing.
 *
 * @throws Error when the conversation is not there: whoever says that it has a transcript writes it first
 */
export async function addTranscriptKey(
  conversationKey: string,
  key: string,
  { readTranscripts, writeTranscripts }: ConversationTranscripts,
): Promise<void> {
  for (let attempt = 1; attempt <= MERGE_ATTEMPTS; attempt += 1) {
    const known = await readTranscripts(conversationKey);
    if (known === undefined) throw new Error('the conversation of the transcript is not there yet');
    const transcripts = withKey(known.transcripts, key);
    if (isSame(transcripts, known.transcripts)) return;
    const next = { transcripts, revision: known.revision };
    if ((await writeTranscripts(conversationKey, next)) === 'written') return;
  }
  throw new Error('the conversation kept moving on under the merge');
}

/** The lowest of all, so that the order in which they come makes no difference. */
const withKey = (known: readonly string[], key: string): readonly string[] =>
  [...new Set([...known, key])].sort().slice(0, MAX_TRANSCRIPTS);

const isSame = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((key, index) => key === right[index]);
