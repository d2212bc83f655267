import { describe, expect, test } from '@jest/globals';
import { createMetrics } from './index.ts';

interface Directive {
  Dimensions: string[][];
  Metrics: { Name: string; Unit: string }[];
}

interface EmfLine {
  _aws: { CloudWatchMetrics: [Directive, ...Directive[]] };
  [name: string]: unknown;
}

const now = () => new Date('2026-11-22T10:00:00Z');

function setUp() {
  const lines: string[] = [];
  const metrics = createMetrics({ function: 'ingest', write: (line) => void lines.push(line), now });
  const flushed = () => {
    metrics.flush();
    return lines.splice(0).map((line) => JSON.parse(line) as EmfLine);
  };
  return { metrics, flushed };
}

describe('the embedded metric format', () => {
  test('names namespace, dimensions, metrics and units, with the values beside them', () => {
    const { metrics, flushed } = setUp();
    metrics.count('Accepted', 1, { Source: 'main' });
    metrics.millis('AckLatency', 12.5, { Source: 'main' });
    expect(flushed()).toEqual([
      {
        _aws: {
          Timestamp: Date.parse('2026-11-22T10:00:00Z'),
          CloudWatchMetrics: [
            {
              Namespace: 'Aftercall',
              Dimensions: [['Function'], ['Function', 'Source']],
              Metrics: [
                { Name: 'Accepted', Unit: 'Count' },
                { Name: 'AckLatency', Unit: 'Milliseconds' },
              ],
            },
          ],
        },
        Function: 'ingest',
        Source: 'main',
        Accepted: 1,
        AckLatency: [12.5],
      },
    ]);
  });

  test('without dimensions has the function alone', () => {
    const { metrics, flushed } = setUp();
    metrics.count('Duplicates');
    const line = flushed()[0];
    expect(line?._aws.CloudWatchMetrics[0].Dimensions).toEqual([['Function']]);
  });

  test('with two dimensions has a set for each and not their product', () => {
    const { metrics, flushed } = setUp();
    metrics.count('Rejected', 1, { Source: 'main', Reason: 'no-match' });
    const line = flushed()[0];
    expect(line?._aws.CloudWatchMetrics[0].Dimensions).toEqual([
      ['Function'],
      ['Function', 'Reason'],
      ['Function', 'Source'],
    ]);
    expect(line).toMatchObject({ Function: 'ingest', Source: 'main', Reason: 'no-match', Rejected: 1 });
  });

  test('every name in a line has its value at the root, and every dimension is a text', () => {
    const { metrics, flushed } = setUp();
    metrics.count('Rejected', 2, { Reason: 'no-match', Source: '' });
    metrics.millis('QueueAge', 3);
    for (const line of flushed()) {
      const [directive] = line._aws.CloudWatchMetrics;
      for (const { Name } of directive.Metrics) expect(line).toHaveProperty(Name);
      for (const name of directive.Dimensions.flat()) expect(line[name]).toMatch(/./);
    }
  });
});

describe('collecting', () => {
  test('of what is left only the least counts, of shares every one', () => {
    const { metrics, flushed } = setUp();
    for (const left of [120, 7, 290]) metrics.least('RateLimitRemaining', left);
    metrics.percent('Completeness', 100);
    metrics.percent('Completeness', 97.5);
    const [line] = flushed();
    expect(line).toMatchObject({ RateLimitRemaining: 7, Completeness: [100, 97.5] });
    expect(line?._aws.CloudWatchMetrics[0].Metrics).toEqual([
      { Name: 'RateLimitRemaining', Unit: 'None' },
      { Name: 'Completeness', Unit: 'Percent' },
    ]);
    expect(flushed()).toEqual([]);
  });

  test('counts are summed by their dimensions and written once', () => {
    const { metrics, flushed } = setUp();
    metrics.count('Accepted', 2, { Source: 'a' });
    metrics.count('Accepted', 3, { Source: 'a' });
    metrics.count('Accepted', 5, { Source: 'b' });
    metrics.count('Processed', 0);
    expect(flushed()).toEqual([
      expect.objectContaining({ Source: 'a', Accepted: 5, Processed: 0 }),
      expect.objectContaining({ Source: 'b', Accepted: 5 }),
    ]);
    expect(flushed()).toEqual([]);
  });

  test('what has other dimensions shares a line, with its own sets, until a name would have two values', () => {
    const { metrics, flushed } = setUp();
    metrics.millis('AckLatency', 7);
    metrics.count('Quarantined', 1, { Source: 'main' });
    metrics.count('Rejected', 1, { Reason: 'bad-item' });
    metrics.count('Rejected', 1, { Reason: 'unreadable' });
    metrics.count('Accepted', 1, { Source: 'relay' });
    const [first, second, ...more] = flushed();
    expect(first?._aws.CloudWatchMetrics).toMatchObject([
      { Dimensions: [['Function']], Metrics: [{ Name: 'AckLatency' }] },
      { Dimensions: [['Function'], ['Function', 'Source']], Metrics: [{ Name: 'Quarantined' }] },
      { Dimensions: [['Function'], ['Function', 'Reason']], Metrics: [{ Name: 'Rejected' }] },
    ]);
    expect(first).toMatchObject({ AckLatency: [7], Source: 'main', Reason: 'bad-item', Rejected: 1 });
    expect(second).toMatchObject({ Reason: 'unreadable', Rejected: 1, Source: 'relay', Accepted: 1 });
    expect(more).toEqual([]);
  });

  test('the order of the dimensions does not matter', () => {
    const { metrics, flushed } = setUp();
    metrics.count('Rejected', 1, { Source: 'a', Reason: 'r' });
    metrics.count('Rejected', 1, { Reason: 'r', Source: 'a' });
    expect(flushed()).toEqual([expect.objectContaining({ Rejected: 2 })]);
  });

  test('durations keep every value, at most 100 in a line, and counts come in one line only', () => {
    const { metrics, flushed } = setUp();
    metrics.count('Accepted', 250);
    for (let value = 0; value < 250; value += 1) metrics.millis('AckLatency', value);
    const lines = flushed();
    const durations = lines.map(({ AckLatency }) => AckLatency as number[]);
    expect(durations.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(durations.flat()).toEqual(Array.from({ length: 250 }, (_, value) => value));
    expect(lines.map((line) => line.Accepted)).toEqual([250, undefined, undefined]);
    expect(lines[1]?._aws.CloudWatchMetrics[0].Metrics).toEqual([
      { Name: 'AckLatency', Unit: 'Milliseconds' },
    ]);
  });

  test('one name in two units comes in two lines', () => {
    const { metrics, flushed } = setUp();
    metrics.count('QueueAge', 1);
    metrics.millis('QueueAge', 5);
    expect(flushed().map((line) => line.QueueAge)).toEqual([1, [5]]);
  });

  test.each([Number.NaN, Infinity, -Infinity])('%d is left out, because it would void the line', (value) => {
    const { metrics, flushed } = setUp();
    metrics.count('Accepted', value);
    metrics.millis('AckLatency', value);
    metrics.count('Accepted');
    expect(flushed()).toEqual([expect.objectContaining({ Accepted: 1 })]);
  });

  test('nothing collected, nothing written', () => {
    expect(setUp().flushed()).toEqual([]);
  });
});
