import { expect, test } from '@jest/globals';
import { readLakeKey } from './lake-key.ts';

test.each([
  ['outcomes/source=main/dt=2026-11-20/hour=14/part-0.parquet', 'main'],
  ['outcomes/source=main/dt=2026-11-20/hour=14/part-12.parquet', 'main'],
  ['outcomes/source=a%2Fb%3D%2E%2E%F0%9F%98%80/dt=2026-11-20/hour=14/part-0.parquet', 'a/b=..😀'],
])('%s is a file of source %s', (key, source) => {
  expect(readLakeKey(key)).toEqual({ source, dt: '2026-11-20', hour: '14' });
});

test.each([
  'outcomes/hello.txt',
  'outcomes/source=main/dt=2026-11-20/part-0.parquet',
  'outcomes/source=main/dt=2026-11-20/hour=24/part-0.parquet',
  'outcomes/source=main/dt=2026-02-30/hour=14/part-0.parquet',
  'outcomes/source=main/dt=2026-11-20/hour=14/part-0.parquet.tmp',
  'outcomes/source=main/dt=2026-11-20/hour=14/deeper/part-0.parquet',
  'outcomes/source=%E0%A4%A/dt=2026-11-20/hour=14/part-0.parquet',
  'old/outcomes/source=main/dt=2026-11-20/hour=14/part-0.parquet',
])('%s is none of the lake’s files', (key) => {
  expect(readLakeKey(key)).toBeUndefined();
});
