import { isUtf8 } from 'node:buffer';

const BYTE_ORDER_MARK = '\uFEFF';
const NON_CHARACTERS = /[\uFFFE\uFFFF]/g;

export type ParsedJson =
  | { readonly outcome: 'parsed'; readonly value: unknown }
  | { readonly outcome: 'unreadable'; readonly message: string };

/**
 * Reads a body that has been verified. Never throws; the message never quotes the body.
 * Of duplicate keys the last one counts, as ECMA-262 has it. Lone surrogates, U+FFFE and U+FFFF become U+FFFD,
 * because the services behind us change or refuse them, each in its own way.
 */
export function parseJson(body: Uint8Array): ParsedJson {
  const text = decode(body);
  if (text === undefined) return { outcome: 'unreadable', message: 'body is not valid UTF-8' };
  try {
    const value: unknown = mayBeIllFormed(text) ? JSON.parse(text, wellFormed) : JSON.parse(text);
    return { outcome: 'parsed', value };
  } catch (error) {
    const message = text.trim() === '' ? 'body is empty' : `body is not JSON${positionIn(error)}`;
    return { outcome: 'unreadable', message };
  }
}

function decode(body: Uint8Array): string | undefined {
  if (!isUtf8(body)) return undefined;
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** Nearly no delivery has an escape in it; parsing with a reviver costs several times as much. */
const mayBeIllFormed = (text: string): boolean => text.includes('\\u') || text.search(NON_CHARACTERS) >= 0;

const wellFormed = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.toWellFormed().replace(NON_CHARACTERS, '\uFFFD') : value;

/** V8's message quotes the text around the fault; only the position may leave. */
function positionIn(error: unknown): string {
  const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined ? '' : ` (at position ${position})`;
}
