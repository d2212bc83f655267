import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TokenStore, TokenStoreSession } from './token-store.ts';

/** A shared store under test, empty, and the means to let its time pass. */
export interface TokenStoreHarness {
  readonly store: TokenStore;
  pass(millis: number): Promise<void>;
  close(): Promise<void>;
}

/** What every shared token store must do. */
export function tokenStoreContract(title: string, open: () => Promise<TokenStoreHarness>): void {
  describe(`${title} as a shared token store`, () => {
    let harness: TokenStoreHarness;
    let ours: TokenStoreSession;
    let theirs: TokenStoreSession;
    beforeEach(async () => {
      harness = await open();
      [ours, theirs] = await Promise.all([harness.store.open(), harness.store.open()]);
    });
    afterEach(async () => {
      await Promise.all([ours.close(), theirs.close()]);
      await harness.close();
    });

    test('holds nothing at first', async () => {
      expect(await ours.read()).toBeUndefined();
    });

    test('gives what one container wrote to another, with the time that is left', async () => {
      await ours.write({ accessToken: 'token-1', lifetimeMillis: 60_000 });
      await harness.pass(50);
      const found = await theirs.read();
      expect(found).toMatchObject({ accessToken: 'token-1', lifetimeMillis: 60_000 });
      expect(found?.remainingMillis).toBeLessThanOrEqual(59_950);
      expect(found?.remainingMillis).toBeGreaterThan(50_000);
    });

    test('keeps the last token that was written', async () => {
      await ours.write({ accessToken: 'token-1', lifetimeMillis: 60_000 });
      await theirs.write({ accessToken: 'token-2', lifetimeMillis: 30_000 });
      expect(await ours.read()).toMatchObject({ accessToken: 'token-2', lifetimeMillis: 30_000 });
    });

    test('forgets a token at its end', async () => {
      await ours.write({ accessToken: 'token-1', lifetimeMillis: 80 });
      await harness.pass(100);
      expect(await theirs.read()).toBeUndefined();
    });

    test('takes a token without a lifetime and does not keep it', async () => {
      await ours.write({ accessToken: 'token-1', lifetimeMillis: 0 });
      await harness.pass(10);
      expect(await theirs.read()).toBeUndefined();
    });

    test('gives the lease to one of many', async () => {
      const owners = Array.from({ length: 50 }, (_, index) => `owner-${index}`);
      const acquired = await Promise.all(owners.map((owner) => ours.acquire(owner, 60_000)));
      expect(acquired.filter(Boolean)).toHaveLength(1);
      expect(await theirs.acquire('late', 60_000)).toBe(false);
    });

    test('gives the lease to the next after a release', async () => {
      await ours.acquire('first', 60_000);
      await ours.release('first', 0);
      expect(await theirs.acquire('second', 60_000)).toBe(true);
    });

    test('keeps a lease after its release for as long as it is told', async () => {
      await ours.acquire('first', 60_000);
      await ours.release('first', 200);
      expect(await theirs.acquire('second', 60_000)).toBe(false);
      await harness.pass(250);
      expect(await theirs.acquire('second', 60_000)).toBe(true);
    });

    test('survives an owner that dies', async () => {
      await ours.acquire('dead', 80);
      await ours.close();
      expect(await theirs.acquire('second', 60_000)).toBe(false);
      await harness.pass(100);
      expect(await theirs.acquire('second', 60_000)).toBe(true);
    });

    test("lets a late owner end nobody else's lease", async () => {
      await ours.acquire('late', 50);
      await harness.pass(70);
      await theirs.acquire('second', 60_000);
      await ours.release('late', 0);
      expect(await ours.acquire('third', 60_000)).toBe(false);
    });

    test('lets a release by nobody pass', async () => {
      await ours.release('nobody', 0);
      expect(await ours.acquire('first', 60_000)).toBe(true);
    });
  });
}
