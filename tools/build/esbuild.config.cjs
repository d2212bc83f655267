const { builtinModules } = require('node:module');

/** Built-ins that exist only with the `node:` prefix are not in `builtinModules`; all of ours are. */
const builtins = new RegExp(`^(node:)?(${builtinModules.join('|')})$`);

/**
 * Loads Node's built-ins through `process.getBuiltinModule`: an ESM `import 'node:https'` costs a cold
 * Lambda 20 to 30 ms more, because it makes the loader link every export of the module.
 */
const lazyBuiltins = {
  name: 'lazy-builtins',
  setup(build) {
    build.onResolve({ filter: builtins }, ({ path }) => ({
      path: path.replace(/^node:/, ''),
      namespace: 'builtin',
    }));
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(`node:${path}`)});`,
      loader: 'js',
    }));
  },
};

/** What pino loads and no function uses: worker threads and files to write to, and a redaction of its own. */
const UNUSED_BY_US =
  /^(thread-stream|sonic-boom|on-exit-leak-free|@pinojs\/redact|worker_threads|(\.\/|\.\/lib\/)(transport|multistream))$/;

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
        path === 'worker_threads'
          ? 'exports.isMainThread = true;'
          : `module.exports = class { constructor() { throw new Error(${JSON.stringify(`${path} is not in a function's bundle`)}); } };`,
    }));
  },
};

/** @type {import('esbuild').BuildOptions} */
module.exports = {
  platform: 'node',
  target: 'node24',
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
