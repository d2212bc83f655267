import type { ObjectStore, StoredObject } from './object-store.ts';

/** An object store for tests that honours conditional writes as S3 does; `objects` is there to look into. */
export interface MemoryObjectStore extends ObjectStore {
  readonly objects: ReadonlyMap<string, StoredObject>;
}

/** Makes an empty one. */
export function memoryObjectStore(): MemoryObjectStore {
  const objects = new Map<string, StoredObject>();
  const etags = new Map<string, string>();
  let writes = 0;
  return {
    objects,
    async head(key, signal) {
      signal?.throwIfAborted();
      const object = objects.get(key);
      const etag = etags.get(key);
      return object === undefined || etag === undefined ? undefined : { metadata: object.metadata, etag };
    },
    async put(object, etag, signal) {
      signal?.throwIfAborted();
      if (etags.get(object.key) !== etag) return 'changed';
      writes += 1;
      objects.set(object.key, { ...object, body: Uint8Array.from(object.body) });
      etags.set(object.key, `"${writes}"`);
      return 'written';
    },
    async get(key, signal) {
      signal?.throwIfAborted();
      return objects.get(key);
    },
  };
}
