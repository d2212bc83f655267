import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { StoreCondition } from './memory-secret-store.ts';
import type { SecretStore, VersionStage } from './secret-store.ts';

/** A store under test and the means to change what it holds and how it behaves. */
export interface StoreHarness {
  readonly store: SecretStore;
  put(name: string, versions: Readonly<Partial<Record<VersionStage, string>>>): void;
  become(condition: StoreCondition): void;
  close(): Promise<void>;
}

/** What every secret store must do; `open` gives an empty one that is up. */
export function secretStoreContract(title: string, open: () => Promise<StoreHarness>): void {
  describe(`${title} as a secret store`, () => {
    let harness: StoreHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const get = (stage: VersionStage, signal?: AbortSignal) =>
      harness.store.getSecretValue('aftercall/test/a', stage, signal);

    test('a secret that does not exist is undefined', async () => {
      expect(await get('AWSCURRENT')).toBeUndefined();
      expect(await get('AWSPREVIOUS')).toBeUndefined();
    });

    test('a version that does not exist is undefined', async () => {
      harness.put('aftercall/test/a', { AWSCURRENT: 'new' });
      expect(await get('AWSPREVIOUS')).toBeUndefined();
    });

    test('each stage gives its own version', async () => {
      harness.put('aftercall/test/a', { AWSCURRENT: 'new', AWSPREVIOUS: 'old' });
      expect(await get('AWSCURRENT')).toBe('new');
      expect(await get('AWSPREVIOUS')).toBe('old');
    });

    test('a value comes back exactly as stored', async () => {
      const value = ' {"k":"ü\\u0000"}\n\u{1F511}\t';
      harness.put('aftercall/test/a', { AWSCURRENT: value });
      expect(await get('AWSCURRENT')).toBe(value);
    });

    test('an empty value is an empty text and not a missing secret', async () => {
      harness.put('aftercall/test/a', { AWSCURRENT: '' });
      expect(await get('AWSCURRENT')).toBe('');
    });

    test('nothing is remembered from one read to the next', async () => {
      harness.put('aftercall/test/a', { AWSCURRENT: 'one' });
      await get('AWSCURRENT');
      harness.put('aftercall/test/a', { AWSCURRENT: 'two' });
      expect(await get('AWSCURRENT')).toBe('two');
    });

    test('a failing service rejects, and works again when it is back', async () => {
      harness.put('aftercall/test/a', { AWSCURRENT: 'new' });
      harness.become('down');
      await expect(get('AWSCURRENT')).rejects.toThrow();
      harness.become('up');
      expect(await get('AWSCURRENT')).toBe('new');
    });

    test('an abort ends a read that hangs', async () => {
      harness.become('hanging');
      const controller = new AbortController();
      const read = get('AWSCURRENT', controller.signal);
      setTimeout(() => controller.abort(), 20);
      await expect(read).rejects.toThrow();
    });

    test('a signal that is aborted already makes no read', async () => {
      harness.put('aftercall/test/a', { AWSCURRENT: 'new' });
      await expect(get('AWSCURRENT', AbortSignal.abort())).rejects.toThrow();
    });
  });
}
