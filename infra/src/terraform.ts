import { spawnSync } from 'node:child_process';
import { StageError } from './stage.ts';

/** What is done with a synthesised stack. `diff` says what `deploy` would change; `validate` reaches no account. */
export type TerraformAction = 'diff' | 'deploy' | 'validate';

/** Terraform or OpenTofu, as it is run in a stack's folder. */
export interface Terraform {
  /**
   * Runs one command there, its output shown as it comes.
   *
   * @throws StageError when the command fails
   */
  run(folder: string, args: readonly string[]): void;
}

/** Tried in this order where `AFTERCALL_TERRAFORM` names none. */
const NAMES = ['terraform', 'tofu'];

/** No question is asked and no next step suggested: a pipeline has nobody to answer. */
const UNATTENDED = { TF_IN_AUTOMATION: '1', TF_INPUT: '0' };

/**
 * The installed Terraform or OpenTofu.
 *
 * @param stackFolder where what it would have applied lies, for the reader of the error
 * @throws StageError when there is none
 */
export function installedTerraform(
  environment: Readonly<Record<string, string | undefined>>,
  stackFolder: string,
): Terraform {
  const named = environment['AFTERCALL_TERRAFORM'];
  const env = { ...environment, ...UNATTENDED };
  const executable = (named ? [named] : NAMES).find(
    (name) => spawnSync(name, ['version'], { env, stdio: 'ignore' }).status === 0,
  );
  if (executable === undefined) throw new StageError(notInstalled(named, stackFolder));
  return {
    run: (cwd, args) => {
      const { status } = spawnSync(executable, args, { cwd, env, stdio: 'inherit' });
      if (status !== 0) throw new StageError(`${executable} ${args.join(' ')} failed in ${cwd}`);
    },
  };
}

function notInstalled(named: string | undefined, stackFolder: string): string {
  const problem = named
    ? `AFTERCALL_TERRAFORM=${named} does not run`
    : 'neither terraform nor tofu is on the PATH';
  return [
    `${problem}: install Terraform 1.11 or later (https://developer.hashicorp.com/terraform/install)`,
    'or OpenTofu 1.10 or later (https://opentofu.org/docs/intro/install), or name it in AFTERCALL_TERRAFORM.',
    `What it is to work on has been synthesised and can be applied from anywhere: ${stackFolder}`,
  ].join('\n');
}

/** Terraform's commands for an action, in order. What is applied is what was planned, and nothing else. */
export function terraformCommands(action: TerraformAction): readonly (readonly string[])[] {
  switch (action) {
    case 'validate':
      return [['init', '-backend=false'], ['validate']];
    case 'diff':
      return [['init'], ['plan', '-lock=false']];
    case 'deploy':
      return [['init'], ['plan', '-out=deploy.tfplan'], ['apply', 'deploy.tfplan']];
  }
}
