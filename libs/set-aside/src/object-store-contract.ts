import { describe, expect, test } from '@jest/globals';

import type { ObjectStore } from './object-store.ts';

const json = (text: string) => new TextEncoder().encode(text);
const object = {
  body: json('{"a":"ü"}'),
  metadata: { seal: 'v1:k1:AAAA', 'received-time': '2026-11-20T14:00:00.000Z' },
};

/** What every object store must do, whether or not it honours conditional writes. */
export function objectStoreContract(name: string, open: () => ObjectStore): void {
  describe(`${name} as an object store`, () => {
    test('an absent object has no head and no content', async () => {
      const store = open();
      expect(await store.head('quarantine/main/absent.json')).toBeUndefined();
      expect(await store.get('quarantine/main/absent.json')).toBeUndefined();
    });

    test('an object comes back byte for byte with its metadata', async () => {
      const store = open();
      const kept = { key: 'quarantine/main/a%2Fb%20c.json', ...object };
      expect(await store.put(kept, undefined)).toBe('written');

      const read = await store.get(kept.key);
      expect(read).toMatchObject({ key: kept.key, metadata: kept.metadata });
      expect(Buffer.from(read?.body ?? [])).toEqual(Buffer.from(kept.body));
      expect(await store.head(kept.key)).toMatchObject({ metadata: kept.metadata });
    });

    test('two keys that differ only in what is percent-encoded are two objects', async () => {
      const store = open();
      await store.put({ key: 'dead/main/x%2Fy.json', ...object, body: json('1') }, undefined);
      await store.put({ key: 'dead/main/x%252Fy.json', ...object, body: json('2') }, undefined);
      expect(Buffer.from((await store.get('dead/main/x%2Fy.json'))?.body ?? []).toString()).toBe('1');
    });

    test('an object is replaced by who saw its present version', async () => {
      const store = open();
      await store.put({ key: 'archive/main/1.json', ...object }, undefined);
      const seen = await store.head('archive/main/1.json');
      expect(await store.put({ key: 'archive/main/1.json', ...object, body: json('2') }, seen?.etag)).toBe(
        'written',
      );
      expect(Buffer.from((await store.get('archive/main/1.json'))?.body ?? []).toString()).toBe('2');
    });

    test('an aborted call fails', async () => {
      const signal = AbortSignal.abort(new Error('deadline'));
      await expect(
        open().put({ key: 'archive/main/2.json', ...object }, undefined, signal),
      ).rejects.toThrow();
    });
  });
}

/** What a store that honours conditional writes must do besides. */
export function conditionalWritesContract(name: string, open: () => ObjectStore): void {
  describe(`${name} honours conditions`, () => {
    test('an object that is there is not written over by who saw none', async () => {
      const store = open();
      await store.put({ key: 'archive/main/3.json', ...object }, undefined);
      expect(await store.put({ key: 'archive/main/3.json', ...object, body: json('2') }, undefined)).toBe(
        'changed',
      );
      expect((await store.get('archive/main/3.json'))?.body).toEqual(object.body);
    });

    test('a version that is no longer there is not replaced', async () => {
      const store = open();
      await store.put({ key: 'archive/main/4.json', ...object }, undefined);
      expect(await store.put({ key: 'archive/main/4.json', ...object }, '"another"')).toBe('changed');
    });
  });
}
