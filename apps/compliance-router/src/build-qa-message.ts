import type { OutcomeFact, QaMessage } from '@aftercall/schemas';
import type { Routing } from './route-violations.ts';

/** What a QA team reads: who, what, where in the call, due when, and the way to the conversation. */
export function buildQaMessage(
  { id, subject, org, data }: OutcomeFact,
  { unmatched: _unmatched, violations, ...routing }: Routing,
  genesysAppUrl: string,
): QaMessage {
  return {
    factId: id,
    ...routing,
    org,
    source: data.source,
    conversationId: subject,
    communicationId: data.communication_id,
    agentId: data.agent_id,
    queueId: data.queue_id,
    mediaType: data.media_type,
    direction: data.direction,
    occurredAt: data.occurred_at,
    receivedAt: data.received_at,
    violations: [...violations],
    link: linkTo(subject, genesysAppUrl),
  };
}

/** The interaction's detail page. An id of a sender's making must not lead to another one. */
function linkTo(conversationId: string, genesysAppUrl: string): string {
  const segment = encodeURIComponent(conversationId.toWellFormed());
  return `${genesysAppUrl.replace(/\/+$/, '')}/directory/#/analytics/interactions/${segment}/admin`;
}
