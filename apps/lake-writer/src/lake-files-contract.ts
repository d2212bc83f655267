import { expect, test } from '@jest/globals';
import type { LakeFiles } from './lake-files.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** What every store of the lake's files does. */
export function lakeFilesContract(name: string, open: () => Promise<LakeFiles>): void {
  test(`${name}: what was written is read back, by a key with signs in it`, async () => {
    const files = await open();
    const key = 'outcomes/source=main%2F%3D%F0%9F%99%82/dt=2026-11-20/hour=14/part-0.parquet';
    expect(await files.get(key)).toBeUndefined();
    expect(await files.put(key, bytes('one'), undefined)).toBe('written');
    const read = await files.get(key);
    expect(Buffer.from(read?.bytes ?? []).toString()).toBe('one');
    expect(await files.put(key, bytes('two'), read)).toBe('written');
    expect(Buffer.from((await files.get(key))?.bytes ?? []).toString()).toBe('two');
  });
}

/** What a store must do besides, so that writers can race; the S3 of the local stack does not. */
export function conditionalPutsContract(name: string, open: () => Promise<LakeFiles>): void {
  test(`${name}: a file that is there already is not written as a new one`, async () => {
    const files = await open();
    await files.put('key', bytes('one'), undefined);
    expect(await files.put('key', bytes('two'), undefined)).toBe('changed');
    expect(Buffer.from((await files.get('key'))?.bytes ?? []).toString()).toBe('one');
  });

  test(`${name}: a file that somebody else has written since it was read is not written over`, async () => {
    const files = await open();
    await files.put('key', bytes('one'), undefined);
    const read = await files.get('key');
    await files.put('key', bytes('two'), read);
    expect(await files.put('key', bytes('three'), read)).toBe('changed');
    expect(Buffer.from((await files.get('key'))?.bytes ?? []).toString()).toBe('two');
  });
}
