import { expect, test } from '@jest/globals';
import { type EventEnvelope, readEnvelope } from '@aftercall/schemas';
import { checkSeal, type Keyring } from '@aftercall/signing';
import { sealedEntry } from './sealed-entry.ts';

const keyring: Keyring = { current: 'k1', keys: { k1: { key: Buffer.alloc(32, 1).toString('base64') } } };
const envelope: EventEnvelope = {
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
  data: { conversationId: 'c1', timestamp: '2026-11-20T14:03:27.418Z', state: '😀' },
};

test('an envelope is queued in its conversation’s group, sealed over the exact text that is sent', () => {
  const { body, groupId, deduplicationId, attributes } = sealedEntry(envelope, keyring);
  expect(groupId).toBe('main/c1');
  expect(deduplicationId).toMatch(/^[0-9a-f]{64}$/);
  expect(checkSeal(body, attributes['seal'], keyring, new Date())).toBe('valid');
  expect(readEnvelope(body)).toEqual({ outcome: 'event', envelope });
});
