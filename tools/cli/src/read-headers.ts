import { usage } from './cli-error.ts';

/** Header names in lower case. */
export type Headers = Readonly<Record<string, string>>;

/**
 * Reads request headers as people have them at hand: `name: value` lines as curl, proxies and HTTP dumps print them, a
 * curl command's `-H` options, or JSON (an object, a list of pairs or of `{name, value}`, or an event with `headers`).
 *
 * @throws CliError when there is no header in it
 */
export function readHeaders(text: string): Headers {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  const pairs = /^[[{]/.test(trimmed) ? jsonPairs(trimmed) : linePairs(trimmed);
  if (pairs.length > 0) return joined(pairs);
  throw usage('--headers holds no header', 'one `name: value` a line is wanted, or a JSON object');
}

type Pair = readonly [name: string, value: string];

function jsonPairs(text: string): readonly Pair[] {
  try {
    return pairsOf(JSON.parse(text) as unknown);
  } catch {
    throw usage('--headers begins like JSON and is none', 'one `name: value` a line is understood too');
  }
}

function pairsOf(value: unknown): readonly Pair[] {
  if (Array.isArray(value)) return value.flatMap(pairOfEntry);
  if (typeof value !== 'object' || value === null) return [];
  const { headers } = value as { headers?: unknown };
  if (typeof headers === 'object' && headers !== null) return pairsOf(headers);
  return Object.entries(value).flatMap(([name, given]) => textsOf(given).map((text): Pair => [name, text]));
}

function pairOfEntry(entry: unknown): readonly Pair[] {
  if (Array.isArray(entry) && entry.length === 2) return [[String(entry[0]), String(entry[1])]];
  const { name, value } = (entry ?? {}) as { name?: unknown; value?: unknown };
  return typeof name === 'string' ? textsOf(value).map((text): Pair => [name, text]) : [];
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  return Array.isArray(value) ? value.flatMap(textsOf) : [];
}

const CURL_OPTION = /(?:-H|--header)[ =]?(?:'([^']*)'|"([^"]*)")/g;
const HEADER_LINE = /^([!#$%&'*+.^_`|~\w-]+)[ \t]*:[ \t]*(.*?)[ \t]*$/;

function linePairs(text: string): readonly Pair[] {
  const options = [...text.matchAll(CURL_OPTION)].map((match) => match[1] ?? match[2] ?? '');
  if (options.length > 0) return options.flatMap(pairOfLine);
  const lines = text.split(/\r?\n/);
  // `curl -v` marks what it sent with `>` and what it got with `<`.
  const sent = lines.filter((line) => /^> ?/.test(line)).map((line) => line.replace(/^> ?/, ''));
  return (sent.length > 0 ? sent : lines).flatMap(pairOfLine);
}

function pairOfLine(line: string): readonly Pair[] {
  const [, name, value] = HEADER_LINE.exec(line) ?? [];
  return name === undefined || value === undefined ? [] : [[name, value]];
}

/** A header that comes twice is one with both values, as API Gateway hands it on. */
function joined(pairs: readonly Pair[]): Headers {
  const headers = new Map<string, string>();
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(headers);
}
