import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StageError } from './stage.ts';
import { synth } from './synth.ts';

const USAGE = 'usage: node infra/src/main.ts --stage=<stage> [--outdir=<dir>] [--stack=<name>]';
const REPOSITORY = resolve(import.meta.dirname, '../..');

try {
  const { stage, outdir, stack } = parseArgs({
    options: { stage: { type: 'string' }, outdir: { type: 'string' }, stack: { type: 'string' } },
  }).values;
  if (!stage) throw new StageError(`name a stage\n${USAGE}`);

  const { stacks } = synth({
    stage,
    outdir: outdir ?? resolve(REPOSITORY, 'dist/infra', stage),
    ...(stack && { stack }),
  });
  for (const { file } of stacks) console.log(relative(process.cwd(), file));
} catch (error) {
  if (!isUsageError(error)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

/** An error of the caller's: its message is all there is to say. */
function isUsageError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return error instanceof StageError || ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
}
