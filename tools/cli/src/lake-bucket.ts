import { failure } from './cli-error.ts';
import type { LakeBucket } from './s3-lake.ts';
import type { StageAccess } from './stage-access.ts';

/** @throws CliError when the stage has no lake */
export function lakeBucket({ clients, resources, stage }: StageAccess): LakeBucket {
  if (resources.lakeBucket === '') throw failure(`stage ${stage} has no lake bucket`);
  return { client: clients.s3, name: resources.lakeBucket };
}
