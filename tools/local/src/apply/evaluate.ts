import { addressOf } from './read-stacks.ts';
import type { Arguments, Block } from './read-stacks.ts';

/** What a block offers to references once it is made. */
export type Attributes = Readonly<Record<string, unknown>>;

export interface EvaluateDeps {
  /** Makes a resource, or answers a data source that is not about another block. */
  readonly create: (block: Block, args: Arguments) => Promise<Attributes>;
  /** The argument by which a data source of this type names the resource it looks up; `undefined` when it looks up none. */
  readonly lookupKey: (type: string) => string | undefined;
  /** What is not played keeps its arguments as they are; what refers to it gets a text that says so. */
  readonly isPlayed: (block: Block) => boolean;
}

/**
 * Makes every block once, what it refers to first.
 *
 * @throws Error for a reference to nothing, in a circle, or of a form that only Terraform can evaluate
 */
export async function evaluate(
  blocks: readonly Block[],
  deps: EvaluateDeps,
): Promise<ReadonlyMap<string, Attributes>> {
  const byAddress = new Map(blocks.map((block) => [addressOf(block), block]));
  const made = new Map<string, Attributes>();

  const make = async (block: Block, path: readonly string[]): Promise<Attributes> => {
    const address = addressOf(block);
    const known = made.get(address);
    if (known) return known;
    if (path.includes(address)) throw new Error(`a circle of references: ${[...path, address].join(' → ')}`);
    const inside = [...path, address];
    const args = deps.isPlayed(block)
      ? ((await resolve(block.args, (reference) => lookUp(reference, block, inside))) as Arguments)
      : block.args;
    const attributes = await attributesOf(block, args, inside);
    made.set(address, attributes);
    return attributes;
  };

  const lookUp = async (reference: string, from: Block, path: readonly string[]): Promise<unknown> => {
    const [, data = '', type, name, attribute, within] =
      /^(data\.)?(\w+)\.([\w-]+)\.(\w+)(.*)$/.exec(reference) ?? [];
    const target = byAddress.get(`${from.stack}/${data}${type}.${name}`);
    if (target && !deps.isPlayed(target))
      return (await make(target, path))[`${attribute}${within}`] ?? `not played here: ${reference}`;
    if (!target || within)
      throw new Error(`${addressOf(from)} refers to \${${reference}}, which the local stack cannot evaluate`);
    const value = (await make(target, path))[attribute ?? ''];
    if (value === undefined)
      throw new Error(
        `${addressOf(from)} refers to \${${reference}}, but ${addressOf(target)} has no ${attribute} here`,
      );
    return value;
  };

  /** A data source stands for the resource of the same name, whichever stack makes it. */
  const attributesOf = async (
    block: Block,
    args: Arguments,
    path: readonly string[],
  ): Promise<Attributes> => {
    const key = block.mode === 'data' ? deps.lookupKey(block.type) : undefined;
    if (key === undefined) return deps.create(block, args);
    const twin = blocks.find(
      (other) => other.mode === 'resource' && other.type === block.type && other.args[key] === args[key],
    );
    if (!twin)
      throw new Error(`${addressOf(block)}: no stack makes the ${block.type} ${JSON.stringify(args[key])}`);
    return make(twin, path);
  };

  for (const block of blocks) await make(block, []);
  return made;
}

/** Replaces `${…}` in every string of a value; a string that is one reference keeps the type of what it refers to. */
async function resolve(value: unknown, lookUp: (reference: string) => Promise<unknown>): Promise<unknown> {
  if (typeof value === 'string') return resolveText(value, lookUp);
  if (Array.isArray(value)) return Promise.all(value.map((item) => resolve(item, lookUp)));
  if (typeof value !== 'object' || value === null) return value;
  const entries: [string, unknown][] = [];
  for (const [key, item] of Object.entries(value)) entries.push([key, await resolve(item, lookUp)]);
  return Object.fromEntries(entries);
}

async function resolveText(text: string, lookUp: (reference: string) => Promise<unknown>): Promise<unknown> {
  const whole = /^\$\{([^}]*)\}$/.exec(text)?.[1];
  if (whole !== undefined) return lookUp(whole);
  // `$${` is Terraform's way to write `${` itself.
  const parts = text.split(/(\$?\$\{[^}]*\})/);
  const resolved: string[] = [];
  for (const part of parts) {
    if (part.startsWith('$${')) resolved.push(part.slice(1));
    else if (part.startsWith('${')) resolved.push(String(await lookUp(part.slice(2, -1))));
    else resolved.push(part);
  }
  return resolved.join('');
}
