/** One file at a time: a stack beside another one is late where a function has three seconds to answer. */
export default {
  preset: '../../jest.preset.js',
  maxWorkers: 1,
  testTimeout: 60_000,
  testPathIgnorePatterns: ['/node_modules/', '/src/faults/'],
};
