import type {
  AnalyticsOutcome,
  AnalyticsType,
  ConversationEnvelope,
  ConversationEvent,
  OutcomeEnvelope,
  TranscriptReadyEnvelope,
  TranscriptReadyEvent,
} from '@aftercall/schemas';

const attributes = {
  specversion: '1.0',
  source: 'genesys/main',
  subject: 'c1',
  datacontenttype: 'application/json',
  org: 'main',
  digest: 'a'.repeat(64),
  deliveryid: 'd1',
  receivedtime: '2026-11-20T14:05:01.310Z',
} as const;

interface Said<T, D> {
  readonly id: string;
  readonly time: string;
  readonly type: T;
  readonly data?: Partial<D>;
}

/** An envelope for tests, with nothing in it that the test does not say. */
export function conversationEvent(
  said: Said<ConversationEnvelope['type'], ConversationEvent>,
): ConversationEnvelope {
  const data = { conversationId: 'c1', timestamp: said.time, ...said.data };
  return { ...attributes, dataschema: 'aftercall:conversation-event:1', ...said, data };
}

/** An outcome envelope for tests: of a whole outcome, unless a part is named. */
export function outcomeEvent(
  said: Omit<Said<never, AnalyticsOutcome>, 'type'> & { readonly type?: AnalyticsType },
): OutcomeEnvelope {
  const data = { conversationId: 'c1', timestamp: said.time, ...said.data };
  return {
    ...attributes,
    dataschema: 'aftercall:analytics-outcome:1',
    type: 'genesys.analytics.outcome',
    ...said,
    data,
  };
}

/** An envelope that says that a transcript is ready, for tests. */
export function transcriptReadyEvent(
  said: Omit<Said<never, TranscriptReadyEvent>, 'type'>,
): TranscriptReadyEnvelope {
  const data = { conversationId: 'c1', timestamp: said.time, ...said.data };
  return {
    ...attributes,
    dataschema: 'aftercall:transcript-ready:1',
    type: 'genesys.transcript.ready',
    ...said,
    data,
  };
}
