import { expect, test } from '@jest/globals';
import type { QueueMessage } from '@aftercall/queue';
import { readRequest, requestBody } from './read-request.ts';

const message = (body: unknown): QueueMessage => ({
  messageId: 'm-1',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  groupId: undefined,
  seal: undefined,
  attributes: {},
  sentAt: new Date('2026-11-21T03:00:00Z'),
  receiveCount: 1,
  receiptHandle: 'h-1',
});
const interval = {
  kind: 'interval',
  source: 'backfill',
  from: '2026-11-20T00:00:00Z',
  to: '2026-11-20T12:00:00+01:00',
};

test('an interval is read in UTC, with what counts unless it is said', () => {
  expect(readRequest(message(interval))).toEqual({
    request: 'm-1',
    source: 'backfill',
    from: '2026-11-20T00:00:00.000Z',
    to: '2026-11-20T11:00:00.000Z',
    by: 'job',
    early: 'accept',
  });
});

test('the daily message is the day before the one on which it was sent, for every source', () => {
  expect(readRequest(message({ kind: 'daily' }))).toEqual({
    request: 'm-1',
    source: undefined,
    from: '2026-11-20T00:00:00.000Z',
    to: '2026-11-21T00:00:00.000Z',
    by: 'job',
    early: 'wait',
  });
});

test('a request that is passed on stays what it is', () => {
  const request = {
    request: 'r-1/backfill',
    source: 'backfill',
    from: '2026-11-20T00:00:00.000Z',
    to: '2026-11-21T00:00:00.000Z',
    by: 'query',
    early: 'wait',
  } as const;
  expect(readRequest(message(requestBody(request)))).toEqual(request);
});

test.each([
  ['no JSON', '{', 'bad-schema', /body/],
  ['a list', [], 'bad-schema', /body/],
  ['an unknown kind', { kind: 'hourly' }, 'unknown-type', /\/kind/],
  ['no beginning', { ...interval, from: undefined }, 'bad-schema', /\/from/],
  ['a day for a time', { ...interval, from: '2026-11-20' }, 'bad-schema', /\/from/],
  ['a time that there is not', { ...interval, from: '2026-13-20T00:00:00Z' }, 'bad-schema', /\/from/],
  ['an end before its beginning', { ...interval, to: interval.from }, 'bad-schema', /\/to/],
  ['more than a year', { ...interval, to: '2027-12-20T00:00:00Z' }, 'bad-schema', /366/],
  ['a source that cannot be one', { ...interval, source: 'a b' }, 'bad-schema', /\/source/],
  ['another way', { ...interval, by: 'magic' }, 'bad-schema', /\/by/],
  ['another patience', { ...interval, early: 1 }, 'bad-schema', /\/early/],
  ['a request that is none', { ...interval, request: ' ' }, 'bad-schema', /\/request/],
])('%s is refused, and no value is told', (_case, body, reason, detail) => {
  expect(() => readRequest(message(body))).toThrow(
    expect.objectContaining({ reason, detail: expect.stringMatching(detail) }),
  );
  expect(() => readRequest(message(body))).not.toThrow(/magic|hourly|a b/);
});
