import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { build, type BuildOptions, type Metafile } from 'esbuild';
import { repository } from './repository.ts';

const production = createRequire(import.meta.url)('../../build/esbuild.config.cjs') as BuildOptions;

/** Smaller parts count together: they would be most of the list. */
const NAMED_BYTES = 2_000;

/** Bytes by where they come from: an app, a lib or a package. */
export type Parts = Readonly<Record<string, number>>;

/** Of what an app loads at init, bundled as it is deployed: how many bytes are whose. */
export async function codePartsAtInit(app: string): Promise<Parts> {
  const { metafile } = await build({
    ...production,
    absWorkingDir: repository,
    entryPoints: { main: `apps/${app}/src/main.ts` },
    bundle: true,
    minify: true,
    format: 'esm',
    outdir: 'unwritten',
    write: false,
    metafile: true,
    logLevel: 'silent',
    tsconfig: `apps/${app}/tsconfig.json`,
  });
  const parts: Record<string, number> = {};
  for (const file of filesAtInit(metafile)) {
    for (const [input, { bytesInOutput }] of Object.entries(metafile.outputs[file]?.inputs ?? {}))
      parts[partOf(input)] = (parts[partOf(input)] ?? 0) + bytesInOutput;
  }
  return largestFirst(parts);
}

function largestFirst(parts: Parts): Parts {
  const isNamed = ([, bytes]: readonly [string, number]) => bytes >= NAMED_BYTES;
  const all = Object.entries(parts).toSorted(([, left], [, right]) => right - left);
  const rest = all.filter((part) => !isNamed(part)).reduce((sum, [, bytes]) => sum + bytes, 0);
  return Object.fromEntries([...all.filter(isNamed), ['the rest', rest]]);
}

function filesAtInit({ outputs }: Metafile): ReadonlySet<string> {
  const files = new Set<string>();
  const follow = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const { path, kind } of outputs[file]?.imports ?? []) if (kind === 'import-statement') follow(path);
  };
  const entry = Object.keys(outputs).find((file) => basename(file) === 'main.mjs');
  if (entry === undefined) throw new Error('the build has no main.mjs');
  follow(entry);
  return files;
}

const PACKAGE = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/;

function partOf(input: string): string {
  const name = PACKAGE.exec(input)?.[1];
  if (name !== undefined) return name;
  const [folder = '', project = ''] = input.split('/');
  return folder === 'apps' || folder === 'libs' ? `${folder}/${project}` : 'the rest';
}
