import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ObjectWriter } from './object-writer.ts';

/** A bucket under test. */
export interface ObjectsHarness {
  open(key: string): ObjectWriter;
  /** What can be seen under the key. */
  read(key: string): Promise<Uint8Array | undefined>;
  /** Uploads that were begun and neither finished nor aborted. */
  unfinished(): number;
  close(): Promise<void>;
}

/** More than two parts of S3's, in pieces that fit into none. */
const PIECES = Array.from({ length: 17 }, () => randomBytes(700_001));

/** What every bucket must do with an object that is written piece by piece. */
export function objectWriterContract(title: string, start: () => Promise<ObjectsHarness>): void {
  describe(`${title} as a place for objects`, () => {
    let harness: ObjectsHarness;
    beforeAll(async () => {
      harness = await start();
    });
    afterAll(() => harness.close());

    test.each([
      ['small', PIECES.slice(0, 2)],
      ['large', PIECES],
    ])('a %s object can be seen once it is whole, as it was written', async (name, pieces) => {
      const object = harness.open(name);
      for (const piece of pieces) await object.write(piece);
      expect(await harness.read(name)).toBeUndefined();
      const written = await object.commit();
      const bytes = Buffer.concat(pieces);
      expect(written).toEqual({
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      });
      expect(bytes.equals((await harness.read(name)) ?? Buffer.of())).toBe(true);
      expect(harness.unfinished()).toBe(0);
    });

    test.each([
      ['small', PIECES.slice(0, 2)],
      ['large', PIECES],
    ])('a %s object that is aborted is never seen, and nothing is left of it', async (name, pieces) => {
      const key = `aborted-${name}`;
      const object = harness.open(key);
      for (const piece of pieces) await object.write(piece);
      await object.abort();
      expect(await harness.read(key)).toBeUndefined();
      expect(harness.unfinished()).toBe(0);
    });

    test('an object takes the place of an earlier one, and an aborted one does not', async () => {
      for (const text of ['first', 'second']) {
        const object = harness.open('again/ü');
        await object.write(Buffer.from(text));
        await object.commit();
      }
      const third = harness.open('again/ü');
      await third.write(Buffer.from('third'));
      await third.abort();
      expect(Buffer.from((await harness.read('again/ü')) ?? []).toString()).toBe('second');
    });
  });
}
