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
  plugins: [lazyBuiltins],
};
