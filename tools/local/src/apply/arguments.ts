import type { Arguments } from './read-stacks.ts';

/** A nested block, which Terraform JSON writes as an object or as a list of one. */
export function block(args: Arguments, key: string): Arguments {
  return blocks(args, key)[0] ?? {};
}

/** Nested blocks that may occur several times. */
export function blocks(args: Arguments, key: string): readonly Arguments[] {
  const value = args[key];
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]) as readonly Arguments[];
}

/** @throws Error when it is missing */
export function text(args: Arguments, key: string): string {
  const value = args[key];
  if (typeof value !== 'string') throw new Error(`${key} is missing`);
  return value;
}

export function optionalText(args: Arguments, key: string): string | undefined {
  const value = args[key];
  return typeof value === 'string' ? value : undefined;
}

export function optionalNumber(args: Arguments, key: string): number | undefined {
  const value = args[key];
  return value === undefined ? undefined : Number(value);
}

/** @throws Error naming what would be passed over in silence */
export function onlyKnown(args: Arguments, known: readonly string[]): void {
  const unknown = Object.keys(args).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new Error(`the local stack does not know ${unknown.join(', ')} here`);
}
