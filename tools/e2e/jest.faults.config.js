/** In virtual time: it needs no stack, and nothing beside it is in its way. */
export default { preset: '../../jest.preset.js', roots: ['<rootDir>/src/faults'], maxWorkers: 1 };
