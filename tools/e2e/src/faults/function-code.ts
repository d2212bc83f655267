import { build, type BuildOptions, type Plugin } from 'esbuild';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { Script } from 'node:vm';

const REPOSITORY = resolve(import.meta.dirname, '../../../..');
const production = createRequire(import.meta.url)('../../../build/esbuild.config.cjs') as BuildOptions;

/** What code finds around it instead of the machine's own. */
export interface Surroundings {
  readonly process: object;
  readonly Date: DateConstructor;
  readonly Math: Math;
  readonly crypto: { randomUUID(): string };
  readonly performance: { now(): number };
  readonly AbortSignal: object;
  readonly fetch: typeof fetch;
  readonly setTimeout: (run: (...args: unknown[]) => void, millis?: number, ...args: unknown[]) => object;
  readonly clearTimeout: (timer: unknown) => void;
  readonly setImmediate: (run: () => void) => object;
  /** The modules that stand for what leaves the process, by name. */
  readonly outside: (module: string) => object;
}

/** Code that can be loaded any number of times; each time it is a container of its own. */
export type LoadCode = (surroundings: Surroundings) => Promise<Readonly<Record<string, unknown>>>;

/** A change of one source text on its way into a bundle. */
export interface SourceChange {
  /** From the root of the repository. */
  readonly file: string;
  /** Must be there, once. */
  readonly find: string;
  readonly replace: string;
}

/** Every export of theirs comes from `outside`: what these modules do is make calls. */
const OUTSIDE = /^(@aws-sdk\/.*|request-filtering-agent)$/;
const AWS_JSON_CALL = /libs\/aws-json\/src\/aws-json-call\.ts$/;
const S3_CALL = /libs\/aws-json\/src\/s3-call\.ts$/;
/** The virtual DynamoDB has plain values. */
const DOCUMENTS_CALL = /libs\/aws-json\/src\/dynamodb-documents-call\.ts$/;
const GUARDED_DOWNLOAD = /libs\/egress\/src\/http-guarded-download\.ts$/;
const CALL_OUTSIDE = `export const createAwsJsonCall = (...deps) => outside('aws-json').createAwsJsonCall(...deps);`;
const S3_CALL_OUTSIDE = `export const createS3Call = (...deps) => outside('aws-json').createS3Call(...deps);`;
/** Its errors are told apart by their class. */
const DOWNLOAD_OUTSIDE = `
import { EgressUnavailableError } from './egress-error.ts';
export async function guardedDownload(input) {
  try {
    return await outside('egress').guardedDownload(input);
  } catch (error) {
    throw input.signal?.aborted ? input.signal.reason : new EgressUnavailableError(error.message);
  }
}`;

const NAMES = [
  'process',
  'Date',
  'Math',
  'crypto',
  'performance',
  'AbortSignal',
  'fetch',
  'setTimeout',
  'clearTimeout',
  'setImmediate',
  'outside',
] as const satisfies readonly (keyof Surroundings)[];

/**
 * Bundles an entry as it is bundled for Lambda, but for what makes calls, and gives back what loads it.
 *
 * @throws Error when a change does not find its place
 */
export async function functionCode(entry: string, changes: readonly SourceChange[] = []): Promise<LoadCode> {
  const { outputFiles } = await build({
    ...production,
    absWorkingDir: REPOSITORY,
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    splitting: false,
    minify: false,
    metafile: false,
    write: false,
    outdir: 'nowhere',
    logLevel: 'error',
    tsconfig: join(REPOSITORY, 'tools/e2e/tsconfig.json'),
    plugins: [outsideModules, changed(changes), ...(production.plugins ?? [])],
  });
  return loader(entry, outputFiles[0]?.text ?? '');
}

const outsideModules: Plugin = {
  name: 'outside',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: OUTSIDE }, ({ path }) => ({ path, namespace: 'outside' }));
    onLoad({ filter: /./, namespace: 'outside' }, ({ path }) => ({ contents: outsideModule(path) }));
    onLoad({ filter: DOCUMENTS_CALL }, () => ({ contents: 'export const documentsCall = (call) => call;' }));
    onLoad({ filter: AWS_JSON_CALL }, () => ({ contents: CALL_OUTSIDE, loader: 'js' }));
    onLoad({ filter: S3_CALL }, () => ({ contents: S3_CALL_OUTSIDE, loader: 'js' }));
    onLoad({ filter: GUARDED_DOWNLOAD }, () => ({ contents: DOWNLOAD_OUTSIDE, loader: 'js' }));
  },
};

/** Bundles copy what a module exports by name; names that are looked up in its prototype are found all the same. */
const outsideModule = (name: string): string =>
  `module.exports = Object.create(outside(${JSON.stringify(name)}));`;

const changed = (changes: readonly SourceChange[]): Plugin => ({
  name: 'changes',
  setup: ({ onLoad }) => {
    for (const [file, ofFile] of Map.groupBy(changes, (change) => change.file)) {
      const path = join(REPOSITORY, file);
      onLoad({ filter: new RegExp(`^${path.replaceAll(/[.\\/-]/g, '\\$&')}$`) }, () => ({
        contents: ofFile.reduce(applied, readFileSync(path, 'utf8')),
        loader: 'ts',
      }));
    }
  },
});

function applied(text: string, { file, find, replace }: SourceChange): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${find}`);
  return parts.join(replace);
}

/** A module awaits at its top, which only an async function can do as well. */
function loader(entry: string, text: string): LoadCode {
  const [exported = '', names = ''] = /\nexport \{([^}]*)\};\s*$/.exec(text) ?? [];
  const returned = names.replace(/(\w+) as (\w+)/g, '$2: $1');
  const body = `${text.slice(0, text.length - exported.length)}\nreturn {${returned}};`;
  const script = new Script(`(async ({ ${NAMES.join(', ')} }) => {${body}\n})`, { filename: entry });
  return script.runInThisContext() as LoadCode;
}
