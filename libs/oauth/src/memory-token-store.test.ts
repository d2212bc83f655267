import { expect, test } from '@jest/globals';
import { memoryTokenStore, warpedClock } from './index.ts';
import { tokenStoreContract } from './token-store-contract.ts';

tokenStoreContract('the memory', async () => {
  const clock = warpedClock();
  return {
    store: memoryTokenStore(clock),
    pass: async (millis) => clock.pass(millis),
    close: async () => undefined,
  };
});

test('a memory store that is down rejects', async () => {
  const store = memoryTokenStore(warpedClock());
  const session = await store.open();
  store.become('down');
  await expect(store.open()).rejects.toThrow('down');
  await expect(session.read()).rejects.toThrow('down');
  store.become('up');
  expect(await session.read()).toBeUndefined();
});
