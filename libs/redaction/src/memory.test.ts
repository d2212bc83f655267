import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const SCRIPT = fileURLToPath(new URL('memory-test-process.ts', import.meta.url));
const MEGABYTE = 1024 * 1024;

test('a transcript of 64 MB passes through with gzip in less than 64 MB more memory', () => {
  const printed = execFileSync(process.execPath, [SCRIPT, String(64 * MEGABYTE)], { encoding: 'utf8' });
  const { grownBytes, counts } = JSON.parse(printed) as { grownBytes: number; counts: { card: number } };
  expect(counts.card).toBeGreaterThan(10_000);
  expect(grownBytes).toBeLessThan(64 * MEGABYTE);
});
