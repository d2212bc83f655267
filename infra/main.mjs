// Runs src/main.ts as one script. Node would find, strip and link its 900 files one by one, which takes longer than
// everything else that a synthesis does.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';
import { build } from 'esbuild';

const entry = resolve(import.meta.dirname, 'src/main.ts');

/** A source reads what lies beside it; in the script each keeps its own place. */
const ownPlaces = {
  name: 'own-places',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]infra[\\/].*\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8')
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
    }));
  },
};

const { outputFiles } = await build({
  entryPoints: [entry],
  bundle: true,
  platform: 'node',
  format: 'iife',
  target: 'node24',
  mainFields: ['module', 'main'],
  // Written for `require`, and quickest that way.
  external: ['cdktn', 'constructs', '@cdktn/*', 'ajv', 'esbuild'],
  plugins: [ownPlaces],
  tsconfigRaw: {},
  write: false,
});
compileFunction(outputFiles[0].text, ['require'], { filename: entry })(createRequire(import.meta.url));
