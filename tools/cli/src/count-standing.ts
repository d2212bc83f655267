import type { StageConfig } from '@aftercall/infra';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a stage has whether anything comes or not. */
export interface Standing {
  readonly alarms: number;
  readonly secrets: number;
  readonly keys: number;
  readonly polledQueues: number;
}

/** Counts it in the stage's own Terraform, which is synthesised for that. */
export async function countStanding(stage: StageConfig): Promise<Standing> {
  const { synth } = await import('@aftercall/infra');
  const outdir = mkdtempSync(join(tmpdir(), 'aftercall-cost-'));
  try {
    // Only a laptop goes without packages. What is counted does not depend on the name.
    const { stacks } = synth({ stage: { ...stage, name: 'local' }, outdir });
    const types = stacks.flatMap(({ file }) => resourceTypes(readFileSync(file, 'utf8')));
    const count = (type: string) => types.filter((one) => one === type).length;
    return {
      alarms: count('aws_cloudwatch_metric_alarm'),
      secrets: count('aws_secretsmanager_secret'),
      keys: count('aws_kms_key'),
      polledQueues: count('aws_lambda_event_source_mapping'),
    };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function resourceTypes(json: string): readonly string[] {
  const { resource } = JSON.parse(json) as { resource: Readonly<Record<string, object>> };
  return Object.entries(resource).flatMap(([type, blocks]) => Object.keys(blocks).map(() => type));
}
