/** Two files at a time: most of their time is waiting for queues, leases and time-outs. */
export default { preset: '../../jest.preset.js', maxWorkers: 2, testTimeout: 60_000 };
