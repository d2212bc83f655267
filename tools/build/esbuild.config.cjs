const { builtinModules } = require('node:module');

/** Built-ins that exist only with the `node:` prefix are not in `builtinModules`; all of ours are. */
const builtins = new RegExp(`^(node:)?(${builtinModules.join('|')})$`);

/**
 * Loads Node's built-ins through `process.getBuiltinModule`: an ESM `import 'node:https'` costs a cold
 * Lambda 20 to 30 ms more, because it makes the loader link every export of the module.
 *
 * Each importer has its own few bytes of it: shared, they would be chunks of their own, and every file that a cold start
 * has to find, read and link costs a millisecond of a small function's CPU.
 */
const lazyBuiltins = {
  name: 'lazy-builtins',
  setup(build) {
    build.onResolve({ filter: builtins }, ({ path, importer }) => ({
      path: path.replace(/^node:/, ''),
      suffix: `?${importer}`,
      namespace: 'builtin',
    }));
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(`node:${path}`)});`,
      loader: 'js',
    }));
  },
};

/**
 * What pino loads and no function uses: worker threads and files to write to, a redaction of its own, and what only
 * those ask for: the host's name, and the places in the code that a logger was made at.
 */
const UNUSED_BY_US =
  /^(thread-stream|sonic-boom|on-exit-leak-free|@pinojs\/redact|worker_threads|node:os|(\.\/|\.\/lib\/)(transport|multistream|caller))$/;

/** What pino asks of them all the same, and does not use. */
const ASKED = {
  worker_threads: 'exports.isMainThread = true;',
  'node:os': "exports.hostname = () => '';",
  './lib/caller': 'module.exports = () => [];',
};

/**
 * Leaves them out. A function's logger writes lines to standard output and is given where to write, so that nothing of
 * this is ever called; loading it, with the built-ins behind it, is an eighth of ingest's cold start.
 */
const leanPino = {
  name: 'lean-pino',
  setup(build) {
    build.onResolve({ filter: UNUSED_BY_US }, ({ path, importer }) =>
      /[\\/]node_modules[\\/]pino[\\/]/.test(importer) ? { path, namespace: 'unused' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'unused' }, ({ path }) => ({
      contents:
        ASKED[path] ??
        `module.exports = class { constructor() { throw new Error(${JSON.stringify(`${path} is not in a function's bundle`)}); } };`,
    }));
  },
};

/** @type {import('esbuild').BuildOptions} */
module.exports = {
  platform: 'node',
  // What Nx sets, whatever is said here. The compiler's own target is what holds the sources to Node 24.
  target: 'esnext',
  mainFields: ['module', 'main'],
  conditions: ['module', 'import', 'node'],
  splitting: true,
  minify: true,
  keepNames: false,
  legalComments: 'none',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  metafile: true,
  plugins: [leanPino, lazyBuiltins],
};
