import { countFigures } from '@aftercall/bench';
import { COUNTED } from '@aftercall/cli';
import { expect, test } from '@jest/globals';

// Where they differ, tools/cli/src/counted-figures.json is out of date: put in what was counted.
test('the calls, logs and facts that `aftercall cost` computes with are what is counted now', async () => {
  const counted = await countFigures();
  expect(steady(COUNTED.calls)).toEqual(steady(counted.calls));
  expect(COUNTED.factsPerOutcome).toEqual(counted.factsPerOutcome);
  expect(Object.keys(COUNTED.logBytes)).toEqual(Object.keys(counted.logBytes));
  for (const [invocation, bytes] of Object.entries(counted.logBytes)) {
    const said = Object.entries(COUNTED.logBytes).find(([name]) => name === invocation)?.[1] ?? 0;
    // Times have more or fewer digits.
    expect([invocation, Math.abs(said - bytes) < 0.05 * bytes]).toEqual([invocation, true]);
  }
}, 120_000);

/** Without how many messages or facts share a call: that is a matter of milliseconds here, and counted by the benchmarks, in memory. */
const steady = ({
  'processor: ten outcomes of ten conversations': _,
  'compliance-router: one outcome': { PutEvents: _facts, ...router },
  ...calls
}: typeof COUNTED.calls): object => ({ ...calls, router });
