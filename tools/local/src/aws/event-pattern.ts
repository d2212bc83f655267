import { BlockList, isIP } from 'node:net';

type Leaf = string | number | boolean | null;
type Fields = Readonly<Record<string, unknown>>;
type LeafMatcher = (leaf: Leaf) => boolean;

/** A rule's pattern that EventBridge would refuse; the message says where and why. */
export class EventPatternError extends Error {
  override name = 'EventPatternError';
}

/** Tells whether an event matches. */
export type EventPattern = (event: unknown) => boolean;

/**
 * One object of a pattern against one object of the event. `peers` are all objects found at the same
 * place when the event has a list there: the fields of a pattern must match within one of them, but
 * `exists: false` speaks of all of them.
 */
type FieldsMatcher = (fields: Fields, peers: readonly Fields[]) => boolean;

/**
 * Compiles an EventBridge event pattern, every operator that rules know.
 *
 * @throws EventPatternError
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function compileEventPattern(pattern: unknown): EventPattern {
  const matches = compileFields(pattern, '$');
  return (event) => objectsIn(event).some((fields, _index, peers) => matches(fields, peers));
}

function compileFields(pattern: unknown, path: string): FieldsMatcher {
  if (!isFields(pattern)) throw new EventPatternError(`${path}: an object is wanted`);
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw new EventPatternError(`${path}: an empty object matches nothing`);
  const all = entries.map(([key, value]) =>
    key === '$or' ? compileOr(value, path) : compileField(key, value, path),
  );
  return (fields, peers) => all.every((matches) => matches(fields, peers));
}

function compileOr(alternatives: unknown, path: string): FieldsMatcher {
  if (!Array.isArray(alternatives) || alternatives.length < 2) {
    throw new EventPatternError(`${path}.$or: a list of at least two patterns is wanted`);
  }
  const some = alternatives.map((alternative, index) => compileFields(alternative, `${path}.$or[${index}]`));
  return (fields, peers) => some.some((matches) => matches(fields, peers));
}

function compileField(key: string, value: unknown, path: string): FieldsMatcher {
  const here = `${path}.${key}`;
  if (Array.isArray(value)) return compileLeaf(key, value, here);
  if (!isFields(value)) throw new EventPatternError(`${here}: a list of values or an object is wanted`);
  const nested = compileFields(value, here);
  return (fields, peers) => {
    const below = peers.flatMap((peer) => objectsIn(own(peer, key)));
    const candidates = objectsIn(own(fields, key));
    // Without the object, only what asks for absence can match.
    return (candidates.length === 0 ? [{}] : candidates).some((candidate) => nested(candidate, below));
  };
}

function compileLeaf(key: string, list: readonly unknown[], path: string): FieldsMatcher {
  if (list.length === 0) throw new EventPatternError(`${path}: an empty list matches nothing`);
  const asksForAbsence = list.some((item) => isFields(item) && item['exists'] === false);
  const matchers = list.map((item) => compileItem(item, path));
  return (fields, peers) => {
    if (asksForAbsence && peers.every((peer) => leavesIn(own(peer, key)).length === 0)) return true;
    return leavesIn(own(fields, key)).some((leaf) => matchers.some((matches) => matches(leaf)));
  };
}

function compileItem(item: unknown, path: string): LeafMatcher {
  if (isLeaf(item)) return (leaf) => leaf === item;
  if (!isFields(item)) throw new EventPatternError(`${path}: a list within a list`);
  const [[operator, operand] = ['', undefined], ...more] = Object.entries(item);
  if (more.length > 0) throw new EventPatternError(`${path}: one operator only per object`);
  const compile = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (!compile) throw new EventPatternError(`${path}: unknown operator ${operator || '(none)'}`);
  return compile(operand, `${path}.${operator}`);
}

type Operator = (operand: unknown, path: string) => LeafMatcher;

const OPERATORS: Readonly<Record<string, Operator>> = {
  exists: (operand, path) => {
    if (typeof operand !== 'boolean') throw new EventPatternError(`${path}: true or false is wanted`);
    return () => operand;
  },
  prefix: (operand, path) => affix(operand, path, (text, part) => text.startsWith(part)),
  suffix: (operand, path) => affix(operand, path, (text, part) => text.endsWith(part)),
  'equals-ignore-case': (operand, path) => ignoringCase(text(operand, path)),
  wildcard: (operand, path) => wildcard(text(operand, path), path),
  'anything-but': (operand, path) => anythingBut(operand, path),
  numeric: (operand, path) => numeric(operand, path),
  cidr: (operand, path) => cidr(text(operand, path), path),
};

function affix(operand: unknown, path: string, holds: (text: string, part: string) => boolean): LeafMatcher {
  if (!isFields(operand)) {
    const part = text(operand, path);
    return (leaf) => typeof leaf === 'string' && holds(leaf, part);
  }
  if (Object.keys(operand).join() !== 'equals-ignore-case') {
    throw new EventPatternError(`${path}: a string or equals-ignore-case is wanted`);
  }
  const part = text(operand['equals-ignore-case'], `${path}.equals-ignore-case`).toLowerCase();
  return (leaf) => typeof leaf === 'string' && holds(leaf.toLowerCase(), part);
}

function ignoringCase(wanted: string): LeafMatcher {
  const folded = wanted.toLowerCase();
  return (leaf) => typeof leaf === 'string' && leaf.toLowerCase() === folded;
}

/** `*` stands for any run of characters; `\*` and `\\` stand for themselves. */
function wildcard(pattern: string, path: string): LeafMatcher {
  const tokens = pattern.match(/\\[\s\S]|[^\\]|\\$/gu) ?? [];
  const parts = tokens.map((token, index) => {
    if (token === '*' && tokens[index - 1] === '*')
      throw new EventPatternError(`${path}: consecutive wildcards`);
    if (token === '*') return '[^]*';
    if (token.startsWith('\\') && !/^\\[\\*]$/.test(token))
      throw new EventPatternError(`${path}: a backslash escapes * or \\ only`);
    const character = token.startsWith('\\') ? token.slice(1) : token;
    return character.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&');
  });
  const expression = new RegExp(`^${parts.join('')}$`, 'u');
  return (leaf) => typeof leaf === 'string' && expression.test(leaf);
}

/** Matches a value that is there and is none of these. A value that is no string has no prefix, so it matches too. */
function anythingBut(operand: unknown, path: string): LeafMatcher {
  if (!isFields(operand)) {
    const values = listOf(operand, path);
    const kinds = new Set(values.map((value) => typeof value));
    if (kinds.size > 1 || ![...kinds].every((kind) => kind === 'string' || kind === 'number')) {
      throw new EventPatternError(`${path}: strings or numbers are wanted, not both`);
    }
    return (leaf) => !values.includes(leaf);
  }
  const [[operator, values] = ['', undefined], ...more] = Object.entries(operand);
  if (more.length > 0 || !['prefix', 'suffix', 'wildcard', 'equals-ignore-case'].includes(operator)) {
    throw new EventPatternError(`${path}: values, prefix, suffix, wildcard or equals-ignore-case is wanted`);
  }
  const here = `${path}.${operator}`;
  const refused = listOf(values, here).map((value) => OPERATORS[operator]?.(value, here));
  return (leaf) => !refused.some((matches) => matches?.(leaf));
}

const COMPARE: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** Bounds lie within ±5 × 10⁹, as EventBridge demands. */
const LARGEST_NUMBER = 5e9;

function numeric(operand: unknown, path: string): LeafMatcher {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw new EventPatternError(`${path}: one comparison, or a lower and an upper one, is wanted`);
  }
  const [firstSign, first, secondSign, second] = operand as unknown[];
  const lower = comparison(firstSign, first, path);
  if (operand.length === 2) return (leaf) => typeof leaf === 'number' && lower(leaf);
  const upper = comparison(secondSign, second, path);
  const isRange =
    String(firstSign).startsWith('>') && String(secondSign).startsWith('<') && Number(first) < Number(second);
  if (!isRange) throw new EventPatternError(`${path}: a range is a lower bound, then a greater upper one`);
  return (leaf) => typeof leaf === 'number' && lower(leaf) && upper(leaf);
}

function comparison(sign: unknown, bound: unknown, path: string): (value: number) => boolean {
  const compare = typeof sign === 'string' && Object.hasOwn(COMPARE, sign) ? COMPARE[sign] : undefined;
  if (!compare) throw new EventPatternError(`${path}: = < <= > or >= is wanted`);
  if (typeof bound !== 'number' || Math.abs(bound) > LARGEST_NUMBER) {
    throw new EventPatternError(`${path}: a number within ±${LARGEST_NUMBER} is wanted`);
  }
  return (value) => compare(value, bound);
}

function cidr(range: string, path: string): LeafMatcher {
  const [address = '', bits = '', ...more] = range.split('/');
  const version = isIP(address);
  const isPrefix = /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
  if (version === 0 || !isPrefix || more.length > 0)
    throw new EventPatternError(`${path}: an address and a prefix length are wanted`);
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family);
  return (leaf) => typeof leaf === 'string' && isIP(leaf) === version && block.check(leaf, family);
}

function text(operand: unknown, path: string): string {
  if (typeof operand !== 'string') throw new EventPatternError(`${path}: a string is wanted`);
  return operand;
}

function listOf(operand: unknown, path: string): readonly unknown[] {
  const list: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  if (list.length === 0) throw new EventPatternError(`${path}: an empty list`);
  return list;
}

function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

/** Lists within the event count as their elements, at any depth. */
function flat(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.flatMap(flat) : [value];
}

function objectsIn(value: unknown): readonly Fields[] {
  return flat(value).filter(isFields);
}

function leavesIn(value: unknown): readonly Leaf[] {
  return flat(value).filter(isLeaf);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isLeaf(value: unknown): value is Leaf {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
