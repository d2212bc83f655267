import { createHash } from 'node:crypto';
import type { LakeFile, LakeFiles } from './lake-files.ts';

/** The lake's files in memory, with S3's conditional puts: what tests race and crash against. */
export function memoryLakeFiles(): LakeFiles & { readonly files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    get: async (key) => {
      const bytes = files.get(key);
      return bytes && { bytes, etag: etagOf(bytes) };
    },
    put: async (key, bytes, read) => {
      if (!isAsRead(files.get(key), read)) return 'changed';
      files.set(key, bytes);
      return 'written';
    },
  };
}

const etagOf = (bytes: Uint8Array): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

const isAsRead = (present: Uint8Array | undefined, read: LakeFile | undefined): boolean =>
  (present && etagOf(present)) === read?.etag;
