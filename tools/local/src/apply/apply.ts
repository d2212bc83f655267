import { AWS_RESOURCES } from './aws-resources.ts';
import type { AwsResourceDeps } from './aws-resources.ts';
import { evaluate } from './evaluate.ts';
import type { Attributes } from './evaluate.ts';
import {
  DATA_SOURCES,
  emptyRuntime,
  LOCAL_RESOURCES,
  LOOKUP_KEYS,
  plainAttributes,
} from './local-resources.ts';
import type { Runtime } from './local-resources.ts';
import { NOT_PLAYED } from './not-played.ts';
import { addressOf, readStacks } from './read-stacks.ts';
import type { Arguments, Block } from './read-stacks.ts';

export interface ApplyDeps extends AwsResourceDeps {
  readonly httpUrl: string;
}

/** A resource that was made, with what it offers. */
export interface AppliedResource {
  readonly type: string;
  readonly attributes: Attributes;
}

export interface Applied {
  readonly resources: readonly AppliedResource[];
  readonly runtime: Runtime;
  /** What the types are for that the local stack knows and does not play → those that the stacks have, sorted. */
  readonly notPlayed: Readonly<Record<string, readonly string[]>>;
  /** Resource types that the local stack does not know and has not made. */
  readonly unknownTypes: readonly string[];
}

/**
 * Makes what the synthesised stacks describe: at the AWS endpoints what exists there, in the local
 * runtime the functions, event sources and routes.
 *
 * @throws Error naming the block that could not be made
 */
export async function apply(directory: string, deps: ApplyDeps): Promise<Applied> {
  const runtime = emptyRuntime();
  const unknownTypes = new Set<string>();
  const notPlayed = new Set<string>();
  const all = nameableFirst(readStacks(directory));
  const create = async (block: Block, args: Arguments): Promise<Attributes> => {
    try {
      return await createBlock(block, args, { ...deps, runtime, unknownTypes, notPlayed });
    } catch (error) {
      throw new Error(
        `${addressOf(block)}: ${error instanceof Error ? error.message || error.name : String(error)}`,
        { cause: error },
      );
    }
  };
  const made = await evaluate(all, { create, lookupKey: (type) => LOOKUP_KEYS[type], isPlayed });
  const resources = all.filter(({ mode }) => mode === 'resource');
  return {
    runtime,
    unknownTypes: [...unknownTypes].sort(),
    notPlayed: byPurpose([...notPlayed].sort()),
    resources: resources.map((block) => ({ type: block.type, attributes: made.get(addressOf(block)) ?? {} })),
  };
}

/** Whether the local stack makes something of a block, here or at its AWS endpoints. */
export const isPlayed = ({ mode, type }: Block): boolean =>
  mode === 'data'
    ? type in DATA_SOURCES || type in LOOKUP_KEYS
    : type in AWS_RESOURCES || type in LOCAL_RESOURCES;

function byPurpose(types: readonly string[]): Record<string, string[]> {
  const purposes: Record<string, string[]> = {};
  for (const type of types) (purposes[NOT_PLAYED[type] ?? ''] ??= []).push(type);
  return purposes;
}

/** One stack may name what another makes without a reference to it, which is then there because it was applied before. */
function nameableFirst(blocks: readonly Block[]): readonly Block[] {
  const isNameable = ({ mode, type }: Block): boolean =>
    mode === 'resource' && LOOKUP_KEYS[type] !== undefined;
  return [...blocks.filter(isNameable), ...blocks.filter((block) => !isNameable(block))];
}

async function createBlock(
  { mode, type, stack, name }: Block,
  args: Arguments,
  deps: ApplyDeps & {
    readonly runtime: Runtime;
    readonly unknownTypes: Set<string>;
    readonly notPlayed: Set<string>;
  },
): Promise<Attributes> {
  const id = `${stack}-${name}`;
  if (mode === 'data' && DATA_SOURCES[type]) return DATA_SOURCES[type];
  const inAws = AWS_RESOURCES[type];
  if (mode === 'resource' && inAws) return inAws(args, deps);
  const inRuntime = LOCAL_RESOURCES[type];
  if (mode === 'resource' && inRuntime) return inRuntime(args, deps, id);
  const named = mode === 'data' ? `data.${type}` : type;
  if (named in NOT_PLAYED) deps.notPlayed.add(named);
  else deps.unknownTypes.add(named);
  return plainAttributes(args, type, id);
}
