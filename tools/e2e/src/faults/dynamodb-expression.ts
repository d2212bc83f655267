import { types } from 'node:util';

/** An item, as the document client has it. */
export type Item = Readonly<Record<string, unknown>>;

/** What the placeholders of an expression stand for. */
export interface Placeholders {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
}

/** Reads an expression's tokens one by one. */
interface Reader extends Placeholders {
  readonly tokens: string[];
}

type Condition = (item: Item) => boolean;
type Value = (item: Item) => unknown;

const TOKEN = /\s*(<>|<=|>=|[=<>(),+-]|[#:]?[\w.]+)/gy;

/**
 * Whether an item, or the lack of one, meets a condition.
 *
 * @throws Error for what DynamoDB knows and this does not
 */
export function meets(expression: string | undefined, item: Item | undefined, more: Placeholders): boolean {
  if (expression === undefined) return true;
  const reader = { ...more, tokens: tokensOf(expression) };
  const condition = disjunction(reader);
  if (reader.tokens.length > 0)
    throw new Error(`not understood in ${expression}: ${reader.tokens.join(' ')}`);
  return condition(item ?? {});
}

/** The item after an update. @throws Error for what DynamoDB knows and this does not */
export function updated(expression: string, item: Item, more: Placeholders): Item {
  const reader = { ...more, tokens: tokensOf(expression) };
  const next: Record<string, unknown> = { ...item };
  let section = '';
  while (reader.tokens.length > 0) {
    const token = reader.tokens[0]?.toUpperCase() ?? '';
    if (token in SECTIONS) section = take(reader).toUpperCase();
    else if (token === ',') take(reader);
    else SECTIONS[section]?.(reader, item, next);
  }
  return next;
}

const SECTIONS: Readonly<
  Record<string, (reader: Reader, item: Item, next: Record<string, unknown>) => void>
> = {
  SET: (reader, item, next) => {
    const path = pathOf(take(reader), reader);
    expect(reader, '=');
    next[path] = sum(reader)(item);
  },
  REMOVE: (reader, _item, next) => void delete next[pathOf(take(reader), reader)],
  ADD: (reader, item, next) => {
    const path = pathOf(take(reader), reader);
    const [added, present] = [operand(reader)(item), item[path]];
    next[path] = types.isSet(added)
      ? new Set([...setOf(present), ...setOf(added)])
      : Number(present ?? 0) + Number(added);
  },
  DELETE: (reader, item, next) => {
    const path = pathOf(take(reader), reader);
    const deleted = setOf(operand(reader)(item));
    const left = new Set([...setOf(item[path])].filter((value) => !deleted.has(value)));
    // A set that is empty is none.
    if (left.size > 0) next[path] = left;
    else delete next[path];
  },
};

function tokensOf(expression: string): string[] {
  const tokens = [...expression.matchAll(TOKEN)].map(([, token = '']) => token);
  if (tokens.join('') !== expression.replaceAll(/\s/g, '')) throw new Error(`not understood: ${expression}`);
  return tokens;
}

const take = ({ tokens }: Reader): string => tokens.shift() ?? '';

function expect(reader: Reader, wanted: string): void {
  const token = take(reader);
  if (token.toUpperCase() !== wanted) throw new Error(`${wanted} is wanted, not ${token}`);
}

const isNext = ({ tokens }: Reader, wanted: string): boolean => tokens[0]?.toUpperCase() === wanted;

function disjunction(reader: Reader): Condition {
  const first = conjunction(reader);
  if (!isNext(reader, 'OR')) return first;
  take(reader);
  const rest = disjunction(reader);
  return (item) => first(item) || rest(item);
}

function conjunction(reader: Reader): Condition {
  const first = negation(reader);
  if (!isNext(reader, 'AND')) return first;
  take(reader);
  const rest = conjunction(reader);
  return (item) => first(item) && rest(item);
}

function negation(reader: Reader): Condition {
  if (isNext(reader, 'NOT')) {
    take(reader);
    const inner = negation(reader);
    return (item) => !inner(item);
  }
  if (!isNext(reader, '(')) return comparison(reader);
  take(reader);
  const inner = disjunction(reader);
  expect(reader, ')');
  return inner;
}

function comparison(reader: Reader): Condition {
  const name = reader.tokens[0] ?? '';
  const call = FUNCTIONS[name];
  if (call && reader.tokens[1] === '(') return call(argumentsOf(reader));
  const left = operand(reader);
  const operator = take(reader).toUpperCase();
  if (operator === 'BETWEEN') {
    const low = operand(reader);
    expect(reader, 'AND');
    const high = operand(reader);
    return (item) =>
      COMPARE['>=']?.(left(item), low(item)) === true && COMPARE['<=']?.(left(item), high(item)) === true;
  }
  if (operator === 'IN') {
    expect(reader, '(');
    const list = listOf(reader);
    return (item) => list.some((value) => value(item) === left(item));
  }
  const compare = COMPARE[operator];
  if (!compare) throw new Error(`unknown operator ${operator}`);
  const right = operand(reader);
  return (item) => compare(left(item), right(item));
}

/** Values of different types are neither equal nor in any order; what is not there compares with nothing. */
const COMPARE: Readonly<Record<string, (left: unknown, right: unknown) => boolean>> = {
  '=': (left, right) => left !== undefined && left === right,
  '<>': (left, right) => left !== right,
  '<': (left, right) => orderOf(left, right) < 0,
  '<=': (left, right) => orderOf(left, right) <= 0,
  '>': (left, right) => orderOf(left, right) > 0,
  '>=': (left, right) => orderOf(left, right) >= 0,
};

/** NaN, which is neither more nor less than anything, where there is no order. */
function orderOf(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left !== 'string' || typeof right !== 'string') return NaN;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

const FUNCTIONS: Readonly<Record<string, (values: readonly Value[]) => Condition>> = {
  attribute_exists:
    ([path]) =>
    (item) =>
      path?.(item) !== undefined,
  attribute_not_exists:
    ([path]) =>
    (item) =>
      path?.(item) === undefined,
  contains:
    ([path, value]) =>
    (item) =>
      holds(path?.(item), value?.(item)),
  begins_with:
    ([path, value]) =>
    (item) =>
      textOf(path?.(item)).startsWith(textOf(value?.(item))),
};

function holds(container: unknown, value: unknown): boolean {
  if (types.isSet(container)) return container.has(value);
  if (Array.isArray(container)) return container.includes(value);
  return typeof container === 'string' && container.includes(String(value));
}

function argumentsOf(reader: Reader): readonly Value[] {
  take(reader);
  expect(reader, '(');
  return listOf(reader);
}

function listOf(reader: Reader): readonly Value[] {
  const values: Value[] = [];
  for (;;) {
    values.push(operand(reader));
    const token = take(reader);
    if (token === ')') return values;
    if (token !== ',') throw new Error(`, or ) is wanted, not ${token}`);
  }
}

function sum(reader: Reader): Value {
  const first = operand(reader);
  const sign = reader.tokens[0];
  if (sign !== '+' && sign !== '-') return first;
  take(reader);
  const second = operand(reader);
  return (item) => Number(first(item)) + (sign === '+' ? 1 : -1) * Number(second(item));
}

function operand(reader: Reader): Value {
  const token = take(reader);
  if (token === 'if_not_exists') {
    expect(reader, '(');
    const [path, otherwise] = listOf(reader);
    return (item) => path?.(item) ?? otherwise?.(item);
  }
  if (!token.startsWith(':')) {
    const path = pathOf(token, reader);
    return (item) => item[path];
  }
  const values = reader.ExpressionAttributeValues ?? {};
  if (!(token in values)) throw new Error(`no value for ${token}`);
  return () => values[token];
}

function pathOf(token: string, { ExpressionAttributeNames: names = {} }: Reader): string {
  if (token.includes('.')) throw new Error(`no nested path is known here: ${token}`);
  if (!token.startsWith('#')) return token;
  const name = names[token];
  if (name === undefined) throw new Error(`no name for ${token}`);
  return name;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const setOf = (value: unknown): Set<unknown> => (types.isSet(value) ? value : new Set());
