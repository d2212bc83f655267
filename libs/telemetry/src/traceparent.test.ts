import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { traceparentOf } from './index.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';
const valid = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

test('a valid header goes on: same trace, new span', () => {
  const continued = traceparentOf(`00-${traceId}-${parentId}-01`, Math.random);
  expect(continued).toMatch(valid);
  expect(continued).toMatch(new RegExp(`^00-${traceId}-.{16}-01$`));
  expect(continued).not.toContain(parentId);
});

test('the sender’s decision not to sample is kept, flags that are not defined are not', () => {
  expect(traceparentOf(`00-${traceId}-${parentId}-00`, Math.random)).toMatch(/-00$/);
  expect(traceparentOf(`00-${traceId}-${parentId}-ff`, Math.random)).toMatch(/-03$/);
});

test('a later version goes on as version 00', () => {
  const continued = traceparentOf(`cc-${traceId}-${parentId}-01-what-comes-later`, Math.random);
  expect(continued).toMatch(new RegExp(`^00-${traceId}-`));
  expect(continued).toMatch(valid);
});

test.each([
  undefined,
  '',
  `00-${traceId.toUpperCase()}-${parentId}-01`,
  `00-${'0'.repeat(32)}-${parentId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `ff-${traceId}-${parentId}-01`,
  `00-${traceId}-${parentId}-01-more`,
  `00-${traceId}-${parentId}-0`,
  ` 00-${traceId}-${parentId}-01`,
  `00-${traceId}-${parentId}-01\n`,
])('the header %j starts a new, sampled trace', (header) => {
  const started = traceparentOf(header, Math.random);
  expect(started).toMatch(valid);
  expect(started).toMatch(/-01$/);
  expect(started).not.toContain(traceId);
});

test.each([0, 0.999_999_999_999, 1])('is valid whatever random gives (%d)', (value) => {
  expect(traceparentOf(undefined, () => value)).toMatch(valid);
});

test('never throws and is always valid', () => {
  const headers = fc.oneof(
    fc.anything(),
    fc.string(),
    fc.stringMatching(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/),
    fc.constant('0'.repeat(65_536)),
  );
  fc.assert(
    fc.property(headers, fc.double({ min: 0, max: 1 }), (header, value) => {
      expect(traceparentOf(header as string, () => value)).toMatch(valid);
    }),
  );
});
