import { describe, expect, test } from '@jest/globals';
import { readTranscriptRequest } from './read-transcript-request.ts';

const sentAt = new Date('2026-11-20T15:00:00.000Z');
const time = '2026-11-20T14:03:27.418Z';
const read = (message: unknown) => readTranscriptRequest(JSON.stringify(message), sentAt);
const event = (type: string, data: object, changes: object = {}) => ({
  version: '0',
  'detail-type': type,
  source: 'aftercall',
  detail: { specversion: '1.0', id: 'main/e1#c1/-', type, org: 'main', time, data, ...changes },
});
const outcome = (data: object = {}) =>
  event('aftercall.outcome.recorded', {
    conversation_id: 'c1',
    has_transcript: true,
    transcript_communication_id: 'm1',
    sentiment_label: 'secret-label',
    ...data,
  });
const asked = {
  org: 'main',
  conversationId: 'c1',
  eventTime: time,
  requestedAt: sentAt.toISOString(),
  notReady: 0,
};

describe('a transcript is asked for', () => {
  test('by an outcome, of the communication that it names', () => {
    expect(read(outcome())).toEqual({
      outcome: 'request',
      request: { ...asked, communicationId: 'm1' },
    });
  });

  test('by an outcome that names none, of the conversation', () => {
    expect(read(outcome({ transcript_communication_id: null }))).toEqual({
      outcome: 'request',
      request: asked,
    });
  });

  test('by the fact that it is ready, and by nothing else in that fact', () => {
    const data = { conversationId: 'c1', communicationId: 'm1', notReady: 7, org: 'other' };
    expect(read(event('aftercall.transcript.ready', data))).toEqual({
      outcome: 'request',
      request: { ...asked, communicationId: 'm1' },
    });
    expect(read(event('aftercall.transcript.ready', { conversationId: 'c1' }))).toEqual({
      outcome: 'request',
      request: asked,
    });
  });

  test('by the fetcher itself, with what it has noted', () => {
    const transcript = { ...asked, notReady: 3, notBefore: '2026-11-20T15:15:00.000Z' };
    expect(read({ transcript })).toEqual({ outcome: 'request', request: transcript });
  });
});

test('an outcome without a transcript asks for nothing', () => {
  expect(read(outcome({ has_transcript: false }))).toEqual({ outcome: 'nothing' });
});

test('the schedule asks for everything that is missing', () => {
  expect(read({ sweep: 'daily' })).toEqual({ outcome: 'sweep' });
});

describe('a message is refused', () => {
  test.each([
    ['that is not JSON', 'secret'],
    ['without a fact in it', '{"detail":{}}'],
    ['with an id that is none', JSON.stringify(outcome({ conversation_id: '' }))],
    ['with an id that leads elsewhere', JSON.stringify(outcome({ conversation_id: '..' }))],
    ['with half an emoji for an id', JSON.stringify(outcome({ conversation_id: '\ud83d' }))],
    ['of the fetcher without a count', JSON.stringify({ transcript: { ...asked, notReady: undefined } })],
    ['of another schedule', '{"sweep":"hourly"}'],
  ])('%s', (_case, body) => {
    expect(readTranscriptRequest(body, sentAt)).toMatchObject({ outcome: 'refused', reason: 'bad-schema' });
  });

  test('that is another fact, by the name of its fault', () => {
    expect(read(event('aftercall.compliance.routed', {}))).toMatchObject({
      outcome: 'refused',
      reason: 'unknown-type',
    });
  });

  test('and what it holds is not told', () => {
    const refusal = read(outcome({ conversation_id: { name: 'Jane Smith' } }));
    expect(JSON.stringify(refusal)).toContain('/detail/data/conversation_id: type');
    expect(JSON.stringify(refusal)).not.toContain('Jane');
  });
});
