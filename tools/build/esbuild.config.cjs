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
  plugins: [lazyBuiltins],
};
