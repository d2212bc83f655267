import type { QueueMessage } from '@aftercall/queue';
import { readTranscriptRequest, sha256, transcriptEventId, type TranscriptRequest } from '@aftercall/schemas';

/** A request that says of which communication. */
export interface CommunicationRequest extends TranscriptRequest {
  readonly communicationId: string;
}

type Conversation = Pick<TranscriptRequest, 'org' | 'conversationId'>;
type Communication = Pick<CommunicationRequest, 'org' | 'conversationId' | 'communicationId'>;

/** Where a transcript lies, in its own bucket and in that of the originals. */
export const transcriptKey = ({ org, conversationId, communicationId }: Communication): string =>
  `transcripts/org=${encodeURIComponent(org)}/${encodeURIComponent(conversationId)}/${encodeURIComponent(communicationId)}.json.gz`;

/** What a message that is archived is known by; undefined when it asks for no transcript. */
export function archivedNames({ body, sentAt }: QueueMessage) {
  const read = readTranscriptRequest(body, sentAt);
  if (read.outcome !== 'request') return undefined;
  const { org, conversationId } = read.request;
  return { source: org, eventId: transcriptEventId(read.request), conversationId };
}

/** The ledger's digest: there is nothing that could differ between two requests for one transcript. */
export const transcriptDigest = (communication: Communication): string =>
  sha256(transcriptKey(communication));

/** The key of the conversation's item: bare for the stage's own organisation, as the processor writes it. */
export const conversationKey = ({ org, conversationId }: Conversation, defaultOrg: string): string =>
  org === defaultOrg ? conversationId : `${org}/${conversationId}`;
