import { base64Key } from './hmac.ts';

/** One sealing key. */
export interface SealingKey {
  /** Base64 of at least 32 bytes. */
  readonly key: string;
  /** ISO 8601 time with a zone after which the key opens nothing more; a retired key has one. */
  readonly notAfter?: string;
}

/** The sealing keys of a stage: `current` seals, all of them open. */
export interface Keyring {
  readonly current: string;
  readonly keys: Readonly<Record<string, SealingKey>>;
}

/** The keyring's text cannot be used; the message says what is wrong with it and never shows a value. */
export class KeyringError extends Error {
  override readonly name = 'KeyringError';
}

/** What may name a key: it stands in every seal between colons. */
export const KID = /^[A-Za-z0-9_-]{1,64}$/;

/** As long as the digest: a shorter key would be the weakest part of the seal. */
const MIN_KEY_BYTES = 32;

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/**
 * Reads `{"current": kid, "keys": {kid: {"key": base64, "notAfter"?: time}}}`.
 *
 * @throws KeyringError
 */
export function parseKeyring(text: string): Keyring {
  const { current, keys } = recordOf(parseJson(text), 'the keyring');
  const entries = Object.entries(recordOf(keys, 'keys'));
  const parsed: Record<string, SealingKey> = Object.fromEntries(
    entries.map(([kid, value], index) => [kid, parseKey(value, labelOf(kid, index))]),
  );
  if (typeof current !== 'string' || !Object.hasOwn(parsed, current)) {
    throw new KeyringError('current must name one of the keys');
  }
  if (parsed[current]?.notAfter !== undefined) {
    throw new KeyringError(
      'the current key must not have a notAfter: what it seals could not be opened later',
    );
  }
  return { current, keys: parsed };
}

function parseKey(value: unknown, label: string): SealingKey {
  const { key, notAfter } = recordOf(value, label);
  if (typeof key !== 'string' || base64Key(key) === undefined) {
    throw new KeyringError(`${label}: key must be base64 with its padding, and not all zero`);
  }
  if (Buffer.byteLength(key, 'base64') < MIN_KEY_BYTES) {
    throw new KeyringError(`${label}: key must have at least ${MIN_KEY_BYTES} bytes`);
  }
  if (notAfter === undefined) return { key };
  if (typeof notAfter !== 'string' || !ISO_TIME.test(notAfter) || Number.isNaN(Date.parse(notAfter))) {
    throw new KeyringError(`${label}: notAfter must be an ISO 8601 time with a zone`);
  }
  return { key, notAfter };
}

/** A well-formed kid is no secret (every seal shows it); anything else might be one in the wrong place. */
function labelOf(kid: string, index: number): string {
  if (KID.test(kid)) return `key ${kid}`;
  throw new KeyringError(`the name of key ${index + 1} must be 1 to 64 letters, digits, _ or -`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without its cause: the parser's own message quotes the text.
    throw new KeyringError('the keyring is not JSON');
  }
}

function recordOf(value: unknown, label: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value));
  }
  throw new KeyringError(`${label} must be a JSON object`);
}
