/** Every project's Jest: native ESM, types stripped by SWC, a result file per project for the closing sum. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
  testMatch: ['**/*.test.ts'],
  testTimeout: 30_000,
  maxWorkers: '50%',
  // An emulator's idle connection must not keep a finished run waiting.
  forceExit: true,
};
