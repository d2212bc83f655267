import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RulesObject, RulesStore } from './rules-store.ts';

/** A store under test and the means to change what it holds. */
export interface RulesStoreHarness {
  readonly store: RulesStore;
  put(text: string): Promise<void>;
  remove(): Promise<void>;
  close(): Promise<void>;
}

type Open = () => Promise<RulesStoreHarness>;

const etagOf = (object: RulesObject): string => (object.outcome === 'object' ? object.etag : '');

/** Everything that an iteration gives, in order. */
export async function allOf<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What every store of a rule set must do; `open` gives one without any. */
export function rulesStoreContract(title: string, open: Open): void {
  describe(`${title} as a store of rules`, () => {
    let harness: RulesStoreHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    test('says when there is no object', async () => {
      expect(await harness.store.read(undefined)).toEqual({ outcome: 'none', reason: 'NoSuchKey' });
    });

    test('gives the text as it was put', async () => {
      await harness.put('{"ü":"🙂\\u0000"}\n');
      expect(await harness.store.read(undefined)).toMatchObject({
        outcome: 'object',
        text: '{"ü":"🙂\\u0000"}\n',
      });
    });

    test('gives an empty text too', async () => {
      await harness.put('');
      expect(await harness.store.read(undefined)).toMatchObject({ outcome: 'object', text: '' });
    });

    test('does not give again what has not changed', async () => {
      await harness.put('one');
      const first = await harness.store.read(undefined);
      expect(await harness.store.read(etagOf(first))).toEqual({ outcome: 'unchanged' });
    });

    test('gives what has changed, under another ETag', async () => {
      await harness.put('one');
      const first = await harness.store.read(undefined);
      await harness.put('two');
      const second = await harness.store.read(etagOf(first));
      expect(second).toMatchObject({ outcome: 'object', text: 'two' });
      expect(etagOf(second)).not.toBe(etagOf(first));
    });

    test('says when the object has been taken away', async () => {
      await harness.put('one');
      const first = await harness.store.read(undefined);
      await harness.remove();
      expect(await harness.store.read(etagOf(first))).toMatchObject({ outcome: 'none' });
    });
  });
}

/** What a store that keeps versions must do besides. */
export function versionsContract(title: string, open: Open): void {
  describe(`${title} as a store of versions`, () => {
    let harness: RulesStoreHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const earlier = () => allOf(harness.store.earlierVersions());

    test('has none when there never was an object', async () => {
      expect(await earlier()).toEqual([]);
    });

    test('gives the earlier ones, the latest first, without the one in place', async () => {
      for (const text of ['one', 'two', '', 'four']) await harness.put(text);
      expect(await earlier()).toEqual(['', 'two', 'one']);
    });

    test('stops where its reader does', async () => {
      for (const text of ['one', 'two', 'three']) await harness.put(text);
      const read: string[] = [];
      for await (const text of harness.store.earlierVersions()) {
        read.push(text);
        break;
      }
      expect(read).toEqual(['two']);
    });
  });
}
