export default { preset: '../../jest.preset.js', testMatch: ['**/*.system.test.ts'] };
