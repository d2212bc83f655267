import { expect, test } from '@jest/globals';
import { namesInMessage } from './names-in-message.ts';

const event = { org: 'main', eventId: 'evt-1#c/-', conversationId: 'c' };
const fact = {
  specversion: '1.0',
  id: 'main/evt-1#c/-/aftercall.outcome.recorded',
  source: 'aftercall',
  type: 'aftercall.outcome.recorded',
  subject: 'c',
  org: 'main',
  data: { event_id: 'evt-1#c/-', source: 'relay' },
};

test.each([
  [
    'an envelope',
    { id: 'evt-1#c/-', source: 'genesys/relay', subject: 'c', org: 'main', deliveryid: 'd', data: {} },
    { ...event, source: 'genesys/relay', deliveryId: 'd' },
  ],
  [
    'a fact as EventBridge wraps it',
    { version: '0', id: 'b6…', 'detail-type': fact.type, source: 'aftercall', detail: fact },
    { ...event, source: 'relay', type: fact.type },
  ],
  ['a fact alone', fact, { ...event, source: 'relay', type: fact.type }],
  [
    'a message to a QA team',
    { factId: fact.id, org: 'main', conversationId: 'c' },
    { org: 'main', conversationId: 'c' },
  ],
  ['anything', { detail: 7, data: [] }, {}],
  ['null', null, {}],
])('%s in a dead letter names what it can of its event', (_case, body, expected) => {
  expect(namesInMessage(JSON.stringify(body))).toEqual(expected);
});

test('what is no JSON names none', () => {
  expect(namesInMessage('{"detail":')).toEqual({});
});
