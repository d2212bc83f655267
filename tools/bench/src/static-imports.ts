import { basename, dirname, resolve } from 'node:path';
import { build } from 'esbuild';

/** The files of a bundle with their bytes, by when they are loaded. */
export interface LoadedCode {
  /** The entry and everything it imports statically, itself or through others. */
  readonly atInit: ReadonlyMap<string, number>;
  /** Everything else that an `import()` may load. */
  readonly onDemand: ReadonlyMap<string, number>;
}

/** Follows the imports of a built bundle; esbuild is the parser, because minified code is no place for patterns. */
export async function loadedCode(entry: string): Promise<LoadedCode> {
  const path = resolve(entry);
  const { metafile } = await build({
    absWorkingDir: dirname(path),
    entryPoints: [path],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    outdir: 'unwritten',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const files = new Map(Object.entries(metafile.inputs));
  const atInit = new Set<string>();
  const follow = (file: string): void => {
    if (atInit.has(file)) return;
    atInit.add(file);
    for (const { path: imported, kind, external } of files.get(file)?.imports ?? []) {
      if (kind === 'import-statement' && !external) follow(imported);
    }
  };
  follow(basename(path));
  const sizes = [...files].map(([file, { bytes }]) => [file, bytes] as const);
  return {
    atInit: new Map(sizes.filter(([file]) => atInit.has(file))),
    onDemand: new Map(sizes.filter(([file]) => !atInit.has(file))),
  };
}
