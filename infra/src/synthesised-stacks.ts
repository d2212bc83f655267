import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StageConfig } from './stage.ts';
import { APP_NAMES, synth, type StackName } from './synth.ts';

/** The arguments of one resource or data source. */
export type Block = Readonly<Record<string, unknown>>;
type Blocks = Readonly<Record<string, Readonly<Record<string, Block>>>>;

/** A stack as Terraform reads it, without the generator's own remarks. */
export interface TerraformJson {
  readonly data?: Blocks;
  readonly resource: Blocks;
  readonly provider: Blocks;
  readonly terraform: Block;
}

/** Synthesises a stage into a folder that is gone afterwards, with zips whose content never changes. For tests. */
export function synthesisedStacks(stage: string | StageConfig): Record<StackName, TerraformJson> {
  const folder = mkdtempSync(join(tmpdir(), 'aftercall-infra-'));
  try {
    for (const app of APP_NAMES) writeFileSync(join(folder, `${app}.zip`), `the zip of ${app}`);
    const { stacks } = synth({ stage, outdir: join(folder, 'out'), packagesFolder: folder });
    const parsed = stacks.map(({ name, file }) => [name, parse(readFileSync(file, 'utf8'))]);
    return Object.fromEntries(parsed) as Record<StackName, TerraformJson>;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const parse = (json: string): unknown =>
  JSON.parse(json, (key, value: unknown) => (key === '//' ? undefined : value));

/** Every resource of that type, under its Terraform name. */
export const resources = (stack: TerraformJson, type: string): Readonly<Record<string, Block>> =>
  stack.resource[type] ?? {};

/** Every resource of that type in a stage. */
export const allResources = (
  stacks: Readonly<Record<string, TerraformJson>>,
  type: string,
): readonly Block[] => Object.values(stacks).flatMap((stack) => Object.values(resources(stack, type)));

interface PolicyStatement {
  /** Of what the construct gives every role that needs it. */
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: object;
}

/** Every statement of every role's policy. */
export function roleStatements(stack: TerraformJson): readonly PolicyStatement[] {
  return Object.values(resources(stack, 'aws_iam_role_policy')).flatMap(
    ({ policy }) => (JSON.parse(String(policy)) as { Statement: PolicyStatement[] }).Statement,
  );
}

/** What every role has that needs it: to trace, and to use the stage's key. Held by the house rules. */
export const HOUSE_STATEMENTS = ['Traces', 'StageKey', 'NetworkInterfaces'];

const ownStatements = (stack: TerraformJson): readonly PolicyStatement[] =>
  roleStatements(stack).filter(({ Sid = '' }) => !HOUSE_STATEMENTS.includes(Sid));

/** What the stack's role may do of its own, by resource, sorted. */
export function grantsByResource(stack: TerraformJson): Record<string, readonly string[]> {
  const granted: Record<string, readonly string[]> = {};
  for (const { Action, Resource } of ownStatements(stack)) {
    for (const resource of Resource) granted[resource] = [...(granted[resource] ?? []), ...Action].toSorted();
  }
  return granted;
}

/** The conditions of what the stack's role may do of its own, by resource. */
export const conditionsByResource = (stack: TerraformJson): Record<string, object> =>
  Object.fromEntries(
    ownStatements(stack).flatMap(({ Resource, Condition }) =>
      Condition ? Resource.map((resource) => [resource, Condition] as const) : [],
    ),
  );

/** The environment of the stack's function, as after an apply. */
export function environmentOf(stack: TerraformJson): Record<string, string> {
  const [lambda] = Object.values(resources(stack, 'aws_lambda_function'));
  const { variables } = lambda?.environment as { variables: Record<string, string> };
  const applied = Object.entries(variables).map(([name, value]) => [
    name,
    value.replaceAll(/\$\{[^}]+\}/g, 'https://sqs.eu-west-1.amazonaws.com/111122223333/queue'),
  ]);
  return Object.fromEntries(applied) as Record<string, string>;
}

/** The same with what Lambda itself adds. */
export const runtimeEnvironmentOf = (stack: TerraformJson): Record<string, string> => ({
  ...environmentOf(stack),
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'key',
});
