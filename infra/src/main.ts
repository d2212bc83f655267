import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { packageApps } from './package-apps.ts';
import { StageError } from './stage.ts';
import { stageNamed } from './stages.ts';
import { isApp, synth, type SynthesisedStack } from './synth.ts';
import { installedTerraform, terraformCommands, type TerraformAction } from './terraform.ts';
import { stacksFor, type Action } from './wanted-stacks.ts';

const USAGE =
  'usage: node infra/main.mjs [synth|diff|deploy|validate] --stage=<stage> [--stack=<name>] [--package] [--outdir=<dir>]';
const REPOSITORY = resolve(import.meta.dirname, '../..');

main().catch((error: unknown) => {
  if (!isUsageError(error)) throw error;
  console.error(error.message);
  process.exitCode = 2;
});

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      stage: { type: 'string' },
      outdir: { type: 'string' },
      stack: { type: 'string' },
      package: { type: 'boolean' },
    },
  });
  const { stage, stack } = values;
  const action = actionNamed(positionals);
  if (!stage) throw new StageError(`name a stage, such as --stage=dev\n${USAGE}`);

  const wanted = stacksFor(action, stageNamed(stage), stack);
  if (wanted.length === 0) return console.log(`stage ${stage} has no use for ${stack}: nothing to ${action}`);
  const outdir = values.outdir ?? resolve(REPOSITORY, 'dist/infra', stage);
  const packages = values.package
    ? { packagesFolder: await packageApps(wanted.filter(isApp), join(outdir, 'packages')) }
    : {};
  const { stacks } = synth({ stage, outdir, only: wanted, ...packages });
  for (const { file } of stacks) console.log(relative(process.cwd(), file));
  if (action !== 'synth') runTerraform(action, stacks);
}

function runTerraform(action: TerraformAction, stacks: readonly SynthesisedStack[]): void {
  const where = stacks.map(({ folder }) => relative(process.cwd(), folder)).join(', ');
  const terraform = installedTerraform(process.env, where);
  for (const { name, folder } of stacks) {
    console.log(`\n── ${action} ${name}`);
    for (const command of terraformCommands(action)) terraform.run(folder, command);
  }
}

function actionNamed([name = 'synth', ...more]: readonly string[]): Action {
  if (more.length === 0 && (name === 'synth' || name === 'diff' || name === 'deploy' || name === 'validate'))
    return name;
  throw new StageError(`unknown action ${JSON.stringify([name, ...more].join(' '))}\n${USAGE}`);
}

/** An error of the caller's: its message is all there is to say. */
function isUsageError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return error instanceof StageError || ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
}
