import { expect, test } from '@jest/globals';
import { parseConfig } from './config.ts';

test('every variable that is missing is named at once, and no value is', () => {
  const env = { EVENTS_QUEUE: 'aftercall-test-events.fifo', DRAIN_PER_SECOND: 'fast-and-secret' };
  const parse = () => parseConfig(env);
  expect(parse).toThrow(/SET_ASIDE_BUCKET/);
  expect(parse).toThrow(/CIRCUITS_PARAMETER/);
  expect(parse).toThrow(/DRAIN_PER_SECOND/);
  expect(parse).not.toThrow(/fast-and-secret/);
});
