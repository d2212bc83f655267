import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import type { ObjectWriter } from './object-writer.ts';

/** Above it gzip takes twice the time for a few per cent. */
const LEVEL = 6;

/** Compresses what is written into an object. */
export function gzipObject(object: ObjectWriter): ObjectWriter {
  const gzip = createGzip({ level: LEVEL });
  const flow = async () => {
    for await (const chunk of gzip) if (chunk instanceof Uint8Array) await object.write(chunk);
  };
  const flowing = flow();
  // Told to whoever writes next, or commits.
  flowing.catch(() => undefined);
  return {
    write: async (chunk) => {
      if (!gzip.write(chunk)) await Promise.race([once(gzip, 'drain'), flowing]);
    },
    commit: async () => {
      gzip.end();
      await flowing;
      return object.commit();
    },
    abort: async () => {
      gzip.destroy();
      await flowing.catch(() => undefined);
      await object.abort();
    },
  };
}
