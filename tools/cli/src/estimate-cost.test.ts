import { describe, expect, test } from '@jest/globals';
import { COUNTED } from './counted-figures.ts';
import { type Deployment, estimateCost, PROCESSOR_BATCH, total, type Traffic } from './estimate-cost.ts';
import { quotaUses } from './first-quota.ts';

const MILLION: Traffic = {
  events: 1_000_000,
  batch: 1,
  processorBatch: PROCESSOR_BATCH,
  transcripts: 0,
  violations: 0,
};
/** What the rules of the repository hear, and no more. */
const HEARD: Deployment = {
  publishes: ['aftercall.outcome.recorded', 'aftercall.transcript.ready'],
  crm: false,
  standing: { alarms: 30, secrets: 8, keys: 0, polledQueues: 7 },
  lakeWindowSeconds: 60,
};
const ALL: Deployment = { ...HEARD, publishes: ['aftercall.conversation.changed', ...HEARD.publishes] };

const eventsOf = (traffic: Partial<Traffic> = {}, deployment = HEARD) =>
  total(estimateCost({ ...MILLION, ...traffic }, deployment, COUNTED).events);

/** The naive design, in which each outcome is an object. */
const NAIVE_DOLLARS = 11.51;
const TARGET_DOLLARS = 6.5;

describe('a million single outcomes', () => {
  test('costs no more than was aimed at, and far less than the naive design', () => {
    expect(eventsOf()).toBeLessThanOrEqual(TARGET_DOLLARS);
    expect(eventsOf({}, ALL)).toBeLessThan(NAIVE_DOLLARS);
  });

  test('costs a dollar less where the bus is not told what nobody hears', () => {
    expect(eventsOf({}, ALL) - eventsOf()).toBeCloseTo(1, 6);
  });
});

test('the fewer outcomes the processor gets at once, the more each costs, and no more than ten come at once', () => {
  const dollars = [10, 5, 1].map((processorBatch) => eventsOf({ processorBatch }));
  expect(dollars).toEqual(dollars.toSorted((left, right) => left - right));
  expect(eventsOf({ processorBatch: 100 })).toBe(dollars[0]);
});

test('logs cost what was counted: a line of each outcome, and metrics of each invocation', () => {
  const gigabytes = (traffic: Partial<Traffic>) =>
    estimateCost({ ...MILLION, ...traffic }, HEARD, COUNTED).events.find(
      ({ service }) => service === 'CloudWatch Logs',
    )?.quantity ?? 0;
  const { logBytes } = COUNTED;
  const oneByOne = logBytes['ingest: one outcome'] + logBytes['processor: one outcome'];
  expect(gigabytes({ processorBatch: 1 })).toBeGreaterThan(oneByOne / 1_000);
  expect(gigabytes({ processorBatch: 1 })).toBeLessThan((1.1 * oneByOne) / 1_000);
  expect(gigabytes({})).toBeLessThan(gigabytes({ processorBatch: 1 }));
});

test('in larger deliveries an outcome costs less, and never more', () => {
  const dollars = [1, 10, 100].map((batch) => eventsOf({ batch }));
  expect(dollars).toEqual(dollars.toSorted((left, right) => right - left));
  expect(dollars[2]).toBeLessThan(0.8 * (dollars[0] ?? 0));
});

test('transcripts and violations cost more, each in proportion', () => {
  const more = (traffic: Partial<Traffic>) => eventsOf(traffic) - eventsOf();
  expect(more({ transcripts: 0.2 })).toBeCloseTo(2 * more({ transcripts: 0.1 }), 6);
  expect(more({ violations: 0.2 })).toBeCloseTo(2 * more({ violations: 0.1 }), 6);
  expect(more({ transcripts: 0.1 })).toBeGreaterThan(0.5);
});

test('a stage costs something while nothing comes, and a key of its own a dollar', () => {
  const standing = (deployment: Deployment) => total(estimateCost(MILLION, deployment, COUNTED).standing);
  expect(standing(HEARD)).toBeGreaterThan(1);
  expect(standing({ ...HEARD, standing: { ...HEARD.standing, keys: 1 } }) - standing(HEARD)).toBeCloseTo(
    1,
    6,
  );
});

test('every line is a number that is not negative', () => {
  const { events, watching, standing } = estimateCost(
    { ...MILLION, transcripts: 0.1, violations: 0.1 },
    ALL,
    COUNTED,
  );
  for (const { dollars, quantity } of [...events, ...watching, ...standing]) {
    expect(dollars).toBeGreaterThanOrEqual(0);
    expect(Number.isFinite(quantity)).toBe(true);
  }
});

describe('the limit that is met first', () => {
  const limits = { requestsPerSecond: 500, reservedConcurrency: 100, processorConcurrency: 20 };
  const first = (traffic: Partial<Traffic>, of = limits) =>
    quotaUses({ ...MILLION, ...traffic }, of, { busCalls: 1, handedOn: 1, writeUnits: 2 })[0];

  test('is one of the stage’s own while it is small, and says how to raise it', () => {
    expect(first({ events: 5_000_000 })).toMatchObject({
      raise: expect.stringMatching(/^(ingest|processor)\./),
    });
  });

  test('is one of AWS’s when the stage allows everything', () => {
    const wide = { requestsPerSecond: 1e9, reservedConcurrency: 1e9, processorConcurrency: 1e9 };
    expect(first({ events: 5_000_000_000 }, wide)).toMatchObject({ raise: 'a request to AWS' });
    expect(first({ events: 5_000_000_000 }, wide)?.share).toBeGreaterThan(1);
  });
});
