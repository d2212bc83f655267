export { countFigures, type CountedFigures } from './counted-calls.ts';
export { loadedCode, type LoadedCode } from './static-imports.ts';
export { median, spread } from './statistics.ts';
