import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stageNamed, synth } from '@aftercall/infra';
import type { FunctionLimits } from './function-host.ts';

/** What who begins deploys; `full` is the same with more around it. */
const STAGE = 'dev';

/** What a function is given, and how much of its queue at once. */
export interface DeployedFunction extends FunctionLimits {
  /** None has a function that is called directly. */
  readonly batchSize: number | undefined;
}

/** Each app's function, as the Terraform of stage `dev` has it. */
export function deployedFunctions(): ReadonlyMap<string, DeployedFunction> {
  const outdir = mkdtempSync(join(tmpdir(), 'aftercall-bench-'));
  try {
    // Only a laptop goes without packages. What is read here does not depend on the name.
    const { stacks } = synth({ stage: { ...stageNamed(STAGE), name: 'local' }, outdir });
    return new Map(
      stacks.flatMap(({ name, file }) => {
        const found = functionIn(JSON.parse(readFileSync(file, 'utf8')) as TerraformJson);
        return found ? [[name, found] as const] : [];
      }),
    );
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

interface TerraformJson {
  readonly resource: {
    readonly aws_lambda_function?: Readonly<Record<string, { memory_size: number; timeout: number }>>;
    readonly aws_lambda_event_source_mapping?: Readonly<Record<string, { batch_size: number }>>;
  };
}

function functionIn({ resource }: TerraformJson): DeployedFunction | undefined {
  const [made] = Object.values(resource.aws_lambda_function ?? {});
  const [mapping] = Object.values(resource.aws_lambda_event_source_mapping ?? {});
  return (
    made && {
      memoryMegabytes: made.memory_size,
      timeoutSeconds: made.timeout,
      batchSize: mapping?.batch_size,
    }
  );
}
