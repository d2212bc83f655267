import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { loadedCode } from './static-imports.ts';

const fixture = (file: string): string => fileURLToPath(new URL(`fixture-bundle/${file}`, import.meta.url));
const { atInit, onDemand } = await loadedCode(fixture('main.mjs'));

test('init loads the entry and what it imports, re-exports or names for a side effect, through others too', () => {
  expect([...atInit.keys()].sort()).toEqual([
    'chunks/behind-named.mjs',
    'chunks/named.mjs',
    'chunks/reexported.mjs',
    'chunks/side-effect.mjs',
    'main.mjs',
  ]);
});

test('what only an import() reaches is loaded on demand', () => {
  expect([...onDemand.keys()].sort()).toEqual(['chunks/behind-lazy.mjs', 'chunks/lazy.mjs']);
});

test('a file counts with its bytes', () => {
  for (const [file, bytes] of [...atInit, ...onDemand]) expect(bytes).toBe(statSync(fixture(file)).size);
});

test('what is walked is the entry that was named, not another one', async () => {
  const lazy = await loadedCode(fixture('chunks/lazy.mjs'));
  expect(lazy.atInit.size).toBe(4);
  expect(lazy.onDemand.size).toBe(0);
});

test('an entry that is not there is an error', async () => {
  await expect(loadedCode(fixture('missing.mjs'))).rejects.toThrow('missing.mjs');
});
