import { expect, test } from '@jest/globals';
import { mayHold, parseSelection } from './lake-selection.ts';

const NOW = new Date('2026-11-20T14:30:00Z');
const key = { source: 'main', dt: '2026-11-20', hour: '14' };

test.each([
  ['nothing named', {}, true],
  ['its source', { source: 'main' }, true],
  ['another source', { source: 'relay' }, false],
  ['since its last moment', { since: '2026-11-20T14:59:59.999Z' }, true],
  ['since the hour after it', { since: '2026-11-20T15:00:00Z' }, false],
  ['until its first moment', { until: '2026-11-20T14:00:00Z' }, false],
  ['until after its first moment', { until: '2026-11-20T14:00:00.001Z' }, true],
  ['the last two hours', { since: '2h' }, true],
  ['all but the last two hours', { until: '2h' }, false],
  ['a time in another zone', { since: '2026-11-20T16:59:00+02:00' }, true],
])('with %s the file of an hour is chosen or left: %j', (_case, options, chosen) => {
  expect(mayHold(parseSelection(options, NOW), key)).toBe(chosen);
});

test.each([
  [{ since: 'soon' }, '--since soon is no time'],
  [{ until: '3 days' }, '--until 3 days is no time'],
  [{ since: '1h', until: '2h' }, 'nothing lies between --since 1h and --until 2h'],
])('%j is wrong usage', (options, message) => {
  expect(() => parseSelection(options, NOW)).toThrow(expect.objectContaining({ message, exitCode: 2 }));
});
