import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The arguments of a block, as in the JSON. */
export type Arguments = Readonly<Record<string, unknown>>;

/** One `resource` or `data` block of a stack. */
export interface Block {
  readonly stack: string;
  readonly mode: 'resource' | 'data';
  readonly type: string;
  readonly name: string;
  readonly args: Arguments;
}

/** What cannot be honoured here would behave differently from Terraform, so it is refused. */
const REFUSED_ARGUMENTS = ['count', 'for_each', 'dynamic', 'provisioner'];

/** Known to Terraform itself and of no meaning for what a block makes. */
const META_ARGUMENTS = ['provider', 'lifecycle', 'depends_on', '//'];

/**
 * Reads every `{directory}/stacks/{stack}/cdk.tf.json`.
 *
 * @throws Error when there is none, or when one uses what only Terraform itself could evaluate
 */
export function readStacks(directory: string): readonly Block[] {
  const folder = join(directory, 'stacks');
  const stacks = existsSync(folder) ? readdirSync(folder).sort() : [];
  const files = stacks
    .map((stack) => ({ stack, file: join(folder, stack, 'cdk.tf.json') }))
    .filter(({ file }) => existsSync(file));
  if (files.length === 0) throw new Error(`no synthesised stack in ${folder}`);
  return files.flatMap(({ stack, file }) =>
    blocksOf(stack, JSON.parse(readFileSync(file, 'utf8')) as Arguments),
  );
}

function blocksOf(stack: string, json: Arguments): readonly Block[] {
  return (['resource', 'data'] as const).flatMap((mode) =>
    Object.entries((json[mode] ?? {}) as Record<string, Record<string, Arguments>>).flatMap(
      ([type, blocks]) =>
        Object.entries(blocks).map(([name, args]) => checked({ stack, mode, type, name, args })),
    ),
  );
}

function checked(block: Block): Block {
  const refused = REFUSED_ARGUMENTS.filter((argument) => argument in block.args);
  if (refused.length > 0)
    throw new Error(
      `${addressOf(block)} uses ${refused.join(', ')}, which the local stack does not evaluate`,
    );
  const args = Object.entries(block.args).filter(
    ([key, value]) => !META_ARGUMENTS.includes(key) && value !== null,
  );
  return { ...block, args: Object.fromEntries(args) };
}

/** A block's address across all stacks, e.g. `ingest/aws_sqs_queue.events` or `ingest/data.aws_sqs_queue.events`. */
export function addressOf({ stack, mode, type, name }: Block): string {
  return `${stack}/${mode === 'data' ? 'data.' : ''}${type}.${name}`;
}
