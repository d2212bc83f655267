import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ANALYTICS_TYPES, TRANSCRIPT_READY_TYPE } from './constants.ts';
import { envelopeBody } from './envelope-body.ts';
import type { EventEnvelope, StoredDeliveryEnvelope } from './envelope.ts';
import { messageDeduplicationId, messageGroupId } from './identity.ts';
import { readEnvelope } from './read-envelope.ts';

const event: EventEnvelope = {
  specversion: '1.0',
  id: 'evt#c1/-',
  source: 'genesys/main',
  type: 'genesys.conversation.ended',
  subject: 'c1',
  time: '2026-11-20T14:03:27.418Z',
  datacontenttype: 'application/json',
  dataschema: 'aftercall:conversation-event:1',
  org: 'main',
  digest: 'a'.repeat(64),
  deliveryid: 'd1',
  receivedtime: '2026-11-20T14:05:01.310Z',
  data: { conversationId: 'c1', timestamp: '2026-11-20T14:03:27.418Z' },
};
const stored: StoredDeliveryEnvelope = {
  specversion: '1.0',
  id: 'd1',
  source: 'genesys/main',
  type: 'aftercall.delivery.stored',
  subject: 'd1',
  time: event.time,
  org: 'main',
  digest: 'b'.repeat(64),
  deliveryid: 'd1',
  receivedtime: event.receivedtime,
  dataref: 's3://deliveries/deliveries/main/d1',
  datasha256: 'b'.repeat(64),
  datalength: 900_001,
};

test('an event and a stored delivery come back as they were sent', () => {
  expect(readEnvelope(envelopeBody(event))).toEqual({ outcome: 'event', envelope: event });
  expect(readEnvelope(envelopeBody(stored))).toEqual({ outcome: 'stored-delivery', envelope: stored });
});

test.each([...ANALYTICS_TYPES, TRANSCRIPT_READY_TYPE])(
  'an event of type %s is read, its data checked',
  (type) => {
    const said = { ...event, type };
    expect(readEnvelope(JSON.stringify(said))).toEqual({ outcome: 'event', envelope: said });
    const silent = { ...said, data: { conversationId: 'c1' } };
    expect(readEnvelope(JSON.stringify(silent))).toMatchObject({
      reason: 'bad-schema',
      detail: '/data: required',
    });
  },
);

test.each([
  ['text that is not JSON', 'oops', 'bad-schema'],
  ['an envelope without an id', JSON.stringify({ ...event, id: undefined }), 'bad-schema'],
  ['an event without its data', JSON.stringify({ ...event, data: undefined }), 'bad-schema'],
  ['data of another shape', JSON.stringify({ ...event, data: { conversationId: 7 } }), 'bad-schema'],
  [
    'a stored delivery without a reference',
    JSON.stringify({ ...stored, dataref: 'file:///etc/passwd' }),
    'bad-schema',
  ],
  ['a type from another stage', JSON.stringify({ ...event, type: 'genesys.weather' }), 'unknown-type'],
])('%s is refused', (_case, text, reason) => {
  expect(readEnvelope(text)).toMatchObject({ outcome: 'refused', reason });
});

test('the reason never quotes a value', () => {
  const read = readEnvelope(JSON.stringify({ ...event, data: { ...event.data, timestamp: 'secret-value' } }));
  expect(read).toMatchObject({ outcome: 'refused', detail: '/data/timestamp: format' });
});

test('any text is answered, never thrown at', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(readEnvelope(text).outcome).toBe('refused');
    }),
  );
});

test('characters that SQS refuses are escaped on the way out, and come back', () => {
  const said = { ...event, data: { ...event.data, state: 'a\uFFFEb\uFFFFc😀' } };
  expect(envelopeBody(said)).not.toMatch(/[\uD800-\uDFFF\uFFFE\uFFFF]/);
  expect(readEnvelope(envelopeBody(said))).toEqual({ outcome: 'event', envelope: said });
});

test('a message group is a conversation of an org, in characters and a length that SQS takes', () => {
  expect(messageGroupId('main', 'c1')).toBe('main/c1');
  expect(messageGroupId('main', 'c 1')).toMatch(/^[0-9a-f]{64}$/);
  expect(messageGroupId('main', 'ü'.repeat(100))).toMatch(/^[0-9a-f]{64}$/);
  expect(messageGroupId('main', 'c'.repeat(124))).toMatch(/^[0-9a-f]{64}$/);
  expect(messageGroupId('a', 'c1')).not.toBe(messageGroupId('b', 'c1'));
});

test('a replay run gets past the five minutes of deduplication, a repeat does not', () => {
  const first = messageDeduplicationId(event, '');
  expect(messageDeduplicationId(event, '')).toBe(first);
  expect(messageDeduplicationId(event, 'run-1')).not.toBe(first);
  expect(messageDeduplicationId({ ...event, digest: 'c'.repeat(64) }, '')).not.toBe(first);
});
