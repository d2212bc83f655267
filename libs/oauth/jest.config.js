// Tests that need a Debian package have a run of their own: jest.system.config.js.
export default { preset: '../../jest.preset.js', testPathIgnorePatterns: ['\\.system\\.test\\.ts$'] };
