import {
  transcriptEventId,
  type Fact,
  type TranscriptRequest,
  type TranscriptStored,
} from '@aftercall/schemas';

/** `aftercall.transcript.stored`; the same transcript has the same id, whoever asked for it and how often. */
export const storedFact = (request: TranscriptRequest, data: TranscriptStored): Fact =>
  fact('aftercall.transcript.stored', data, request);

/** `aftercall.transcript.failed`, after so many answers that it is not there. */
export function failedFact(request: TranscriptRequest, attempts: number): Fact {
  const { conversationId, communicationId } = request;
  const data = {
    conversationId,
    ...(communicationId !== undefined && { communicationId }),
    reason: 'not-ready',
    attempts,
  };
  return fact('aftercall.transcript.failed', data, request);
}

function fact(type: Fact['type'], data: Fact['data'], request: TranscriptRequest): Fact {
  const { org, conversationId, communicationId = '-', eventTime } = request;
  return {
    specversion: '1.0',
    id: `${org}/${transcriptEventId(request)}/${type}/${communicationId}`,
    source: 'aftercall',
    type,
    subject: conversationId,
    time: eventTime,
    datacontenttype: 'application/json',
    org,
    data,
  };
}
