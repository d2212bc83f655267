/** Version, trace id, parent id, flags; versions to come may add more after them. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Sampled: every unit of work leaves its line of log. */
const SAMPLED = '01';

/** The two flags that are defined (sampled, random trace id); the others must be sent as zero. */
const KNOWN_FLAGS = 0b11;

/**
 * The `traceparent` to hand on: a new span in the trace of a valid incoming header, else a new trace.
 * Never throws.
 *
 * @param random from 0 up to 1
 * @see https://www.w3.org/TR/trace-context/
 */
export function traceparentOf(header: string | undefined, random: () => number): string {
  const { traceId, flags } = incoming(header) ?? { traceId: newId(4, random), flags: SAMPLED };
  return `00-${traceId}-${newId(2, random)}-${flags}`;
}

function incoming(header: string | undefined): { traceId: string; flags: string } | undefined {
  const match = typeof header === 'string' ? TRACEPARENT.exec(header) : null;
  const [, version, traceId, parentId, flags, more] = match ?? [];
  if (traceId === undefined || parentId === undefined || flags === undefined) return undefined;
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (isZero(traceId) || isZero(parentId)) return undefined;
  return { traceId, flags: hex(Number.parseInt(flags, 16) & KNOWN_FLAGS, 2) };
}

/** An id of so many times 32 random bits, never all zero, which would be invalid. */
function newId(words: number, random: () => number): string {
  let id = '';
  for (let word = 0; word < words; word += 1) id += hex(Math.floor(random() * 2 ** 32) >>> 0, 8);
  return isZero(id) ? id.replace(/0$/, '1') : id;
}

function isZero(id: string): boolean {
  return /^0+$/.test(id);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
