import { createHash } from 'node:crypto';
import type { ObjectWriter } from './object-writer.ts';

/** A bucket for tests, held to the same contract suite as S3's. */
export interface MemoryObjects {
  /** What can be seen, by key. */
  readonly visible: ReadonlyMap<string, Buffer>;
  open(key: string): ObjectWriter;
  /** Uploads that were neither finished nor aborted. */
  unfinished(): number;
}

export function memoryObjects(): MemoryObjects {
  const visible = new Map<string, Buffer>();
  const open = new Set<symbol>();
  return {
    visible,
    unfinished: () => open.size,
    open: (key) => {
      const upload = Symbol(key);
      const chunks: Uint8Array[] = [];
      return {
        write: async (chunk) => {
          open.add(upload);
          chunks.push(chunk);
        },
        commit: async () => {
          open.delete(upload);
          const bytes = Buffer.concat(chunks);
          visible.set(key, bytes);
          return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
        },
        abort: async () => void open.delete(upload),
      };
    },
  };
}
