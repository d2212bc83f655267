import { countFigures } from '@aftercall/bench';
import { COUNTED } from '@aftercall/cli';
import { expect, test } from '@jest/globals';

// Where they differ, tools/cli/src/counted-figures.json is out of date: put in what was counted.
test('the calls and facts that `aftercall cost` computes with are what is counted now', async () => {
  const { calls, factsPerOutcome } = await countFigures();
  // How many messages of a batch share a call is a matter of milliseconds, and nothing is computed with it.
  const { 'processor: ten outcomes of ten conversations': _, ...steady } = calls;
  expect({ calls: COUNTED.calls, factsPerOutcome: COUNTED.factsPerOutcome }).toEqual({
    calls: steady,
    factsPerOutcome,
  });
}, 120_000);
