import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppName } from './app-stacks.ts';
import { StageError, type StageConfig } from './stage.ts';

/** Stands where the hash of a zip would be. Stage local only: there the bundles run as they are and no zip is read. */
export const NOT_PACKAGED = 'not-packaged';

/** An app's zip as Terraform names it. */
export interface AppPackage {
  /** Relative to the repository and, because synth puts a copy there, to the stack's own folder. */
  readonly filename: string;
  /** Base64 SHA-256 of the zip, the form Lambda reports. */
  readonly sourceCodeHash: string;
  readonly bytes: Uint8Array | undefined;
}

/**
 * Reads an app's zip once, so that what is hashed is what is copied.
 *
 * @throws StageError when there is no zip and the stage is not local
 */
export function readAppPackage(app: AppName, stage: StageConfig, packagesFolder: string): AppPackage {
  const filename = `dist/apps/${app}.zip`;
  const zip = join(packagesFolder, `${app}.zip`);
  if (existsSync(zip)) {
    const bytes = readFileSync(zip);
    return { filename, sourceCodeHash: createHash('sha256').update(bytes).digest('base64'), bytes };
  }
  if (stage.name !== 'local') {
    throw new StageError(`${filename} is missing: run \`npx nx run ${app}:package\` first`);
  }
  return { filename, sourceCodeHash: NOT_PACKAGED, bytes: undefined };
}
