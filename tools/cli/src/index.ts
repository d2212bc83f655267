export { runCommandLine } from './run-command-line.ts';
export type { CommandLineDeps } from './run-command-line.ts';
export type { CommandContext, GlobalOptions } from './context.ts';
export type { ExitCode } from './cli-error.ts';
export { FUNCTION_OPERATIONS, permissionsOf } from './function-operations.ts';
export type { GenesysFunction } from './function-operations.ts';
export { COUNTED } from './counted-figures.ts';
export type { CountedFigures } from './counted-figures.ts';
