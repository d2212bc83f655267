const decoder = new TextDecoder('utf-8', { fatal: true });
/** Surrogates and the two non-characters, escaped; and the latter as they are. */
const SUSPECT = /\\u(?:[dD][89a-fA-F]|[fF]{3}[eEfF])|[\uFFFE\uFFFF]/;
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
  if (text.trim() === '') return { outcome: 'unreadable', message: 'body is empty' };
  try {
    const value: unknown = SUSPECT.test(text) ? JSON.parse(text, wellFormed) : JSON.parse(text);
    return { outcome: 'parsed', value };
  } catch (error) {
    return { outcome: 'unreadable', message: `body is not JSON${positionIn(error)}` };
  }
}

function decode(body: Uint8Array): string | undefined {
  try {
    return decoder.decode(body);
  } catch {
    return undefined;
  }
}

const wellFormed = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.toWellFormed().replace(NON_CHARACTERS, '\uFFFD') : value;

/** V8's message quotes the text around the fault; only the position may leave. */
function positionIn(error: unknown): string {
  const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined ? '' : ` (at position ${position})`;
}
