import { expect, test } from '@jest/globals';
import { createEnqueue } from './enqueue.ts';
import { isUnavailable } from './unavailability.ts';

const entries = [1, 2, 3].map((n) => ({
  body: `{"n":${n}}`,
  groupId: `g${n}`,
  deduplicationId: `d${n}`,
  attributes: {},
}));

test('it resolves when the queue holds every entry', async () => {
  const sent: string[] = [];
  await createEnqueue(async (batch) => {
    sent.push(...batch.map(({ body }) => body));
    return [];
  })(entries);
  expect(sent).toEqual(entries.map(({ body }) => body));
});

test('it throws when one is left, with the reason that decides whether waiting helps', async () => {
  const refusing = (code: string) =>
    createEnqueue(async (batch) => batch.slice(0, 1).map(({ entryId }) => ({ entryId, code })))(
      entries,
    ).catch((error: unknown) => error);
  const throttled = await refusing('ThrottlingException');
  expect(throttled).toMatchObject({ name: 'UnsentError', code: 'ThrottlingException' });
  expect(isUnavailable(throttled)).toBe(true);
  expect(isUnavailable(await refusing('InvalidMessageContents'))).toBe(false);
});

test.each([
  ['a refused connection', { code: 'ECONNREFUSED' }],
  ['a name that does not resolve', { code: 'ENOTFOUND' }],
  ['a 503 without a name', { $metadata: { httpStatusCode: 503 } }],
  ['a time-out', { name: 'TimeoutError' }],
])('%s of the queue is an outage, not a fault of the events', async (_case, fields) => {
  const broken = createEnqueue(() => Promise.reject(Object.assign(new Error('sorry'), fields)));
  expect(isUnavailable(await broken(entries).catch((error: unknown) => error))).toBe(true);
});
