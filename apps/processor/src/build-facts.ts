import {
  type ConversationChanged,
  type EventEnvelope,
  type Fact,
  type OutcomeRecorded,
  TRANSCRIPT_READY_TYPE,
} from '@aftercall/schemas';
import { type Conversation, isLate } from './merge-conversation.ts';

/** What the bus hears of one event: a pure function of the event and the conversation, so repeating it repeats the ids. */
export function buildFacts(
  envelope: EventEnvelope,
  conversation: Conversation,
  outcome: OutcomeRecorded | undefined,
): readonly Fact[] {
  const changed = fact('aftercall.conversation.changed', publicFields(conversation, envelope), envelope);
  if (outcome) return [changed, fact('aftercall.outcome.recorded', outcome, envelope)];
  if (envelope.type !== TRANSCRIPT_READY_TYPE) return [changed];
  const { conversationId, communicationId } = envelope.data;
  const ready = { conversationId, ...(communicationId !== undefined && { communicationId }) };
  return [changed, fact('aftercall.transcript.ready', ready, envelope)];
}

function fact(
  type: Fact['type'],
  data: Fact['data'],
  { org, id, subject, time, traceparent }: EventEnvelope,
): Fact {
  return {
    specversion: '1.0',
    id: `${org}/${id}/${type}`,
    source: 'aftercall',
    type,
    subject,
    time,
    datacontenttype: 'application/json',
    org,
    traceparent,
    data,
  };
}

function publicFields(conversation: Conversation, envelope: EventEnvelope): ConversationChanged {
  const { guards: _guards, agentsSeen: _agentsSeen, rawPayload: _rawPayload, ...fields } = conversation;
  return { ...fields, late: isLate(conversation, envelope) };
}
