const REDACTED = '[redacted]';

/** Names of fields that hold, or may hold, a body, a secret, a token, a signature or somebody's words. */
const SENSITIVE =
  /body|payload|transcript|phrase|secret|token|signature|authorization|password|credential|cookie|keyring|api[-_]?key|^(headers|seal)$/i;

/** Names that match the above and say nothing: what a secret is called, which transcript, in what format. */
const HARMLESS = /(name|id|bytes|digest|format|version)$/i;

/** Query parameters that make a URL a key to what it points at. */
const SIGNED_QUERY =
  /([?&](?:X-Amz-(?:Signature|Credential|Security-Token)|Signature|Key-Pair-Id|Policy|sig|access_token|token)=)[^&\s"'\\]+/gi;

/** Deep enough for `{ event: { … } }`; a log line is flat, and what lies deeper is somebody's payload. */
const MAX_DEPTH = 2;

/**
 * A copy of a log line's fields without anything that must not be in a log, at the top level and one deep.
 * Errors are cut down to what `errorFields` keeps, bytes to their number.
 */
export function redacted(fields: object): Record<string, unknown> {
  return Error.isError(fields) ? { err: errorFields(fields) } : redactedRecord(fields, 1);
}

/** The text with the signatures of signed URLs taken out. */
export function withoutSignedQueries(text: string): string {
  // Two cheap tests spare nearly every line the search.
  return text.includes('=') && (text.includes('?') || text.includes('&'))
    ? text.replace(SIGNED_QUERY, `$1${REDACTED}`)
    : text;
}

/** What of an error may be logged: its cause, the answer it came with and its other properties may hold payloads. */
export function errorFields(error: Error): Record<string, unknown> {
  const code = 'code' in error ? error.code : undefined;
  return {
    name: error.name,
    message: messageOf(error),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(Error.isError(error.cause) ? { cause: error.cause.name } : {}),
    stack: framesOf(error),
  };
}

function redactedRecord(fields: object, depth: number): Record<string, unknown> {
  const entries: [string, unknown][] = Object.entries(fields);
  return Object.fromEntries(entries.map(([name, value]) => [name, redactedField(name, value, depth)]));
}

function redactedField(name: string, value: unknown, depth: number): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined || value === null)
    return value;
  if (SENSITIVE.test(name) && !HARMLESS.test(name)) return REDACTED;
  // JSON has no word for it, and a log line is no place to throw.
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'object' ? redactedObject(value, depth) : value;
}

function redactedObject(value: object, depth: number): unknown {
  if (Error.isError(value)) return errorFields(value);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return value;
  if (depth === MAX_DEPTH) return Array.isArray(value) ? `[${value.length} items]` : '[object]';
  return Array.isArray(value)
    ? value.map((item: unknown) => redactedField('', item, depth + 1))
    : redactedRecord(value, depth + 1);
}

/** Without what the JSON parser quotes from the text it was given. */
function messageOf({ name, message }: Error): string {
  return name === 'SyntaxError' ? message.replace(/"[^]*"/, '…') : message;
}

/** The stack without its first lines, which repeat the message. */
function framesOf({ stack = '' }: Error): string {
  const start = stack.search(/^ +at /m);
  return start < 0 ? '' : stack.slice(start);
}
