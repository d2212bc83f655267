import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SignatureEncoding } from './signature-scheme.ts';

/**
 * Key material as text. It stays text on its way into node:crypto: a Buffer as key makes an HMAC of
 * a 2 KB body three to four times slower (Node 24), base64 decoding included.
 */
export interface HmacKey {
  readonly text: string;
  readonly encoding: 'utf8' | 'base64';
}

const STANDARD_WEBHOOKS_PREFIX = 'whsec_';

/** What follows `whsec_`; an editor or `echo` that stores a secret readily adds ASCII white space around it. */
const STANDARD_WEBHOOKS_SECRET = /^[\t-\r ]*whsec_([A-Za-z0-9+/=]+)[\t-\r ]*$/;

const CANONICAL_BASE64 =
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;

/** Anything but white space and NUL: HMAC pads keys with NUL, so a key of nothing else is the empty key. */
const KEY_TEXT = /[^\s\0]/;

/** The same for base64, where a run of zero bytes is written `AAAA…`. */
const KEY_BASE64 = /[^A=]/;

/** A digest of 32 bytes in its only spelling (hex: in either case). */
const DIGEST = {
  hex: /^[0-9a-fA-F]{64}$/,
  base64: /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/,
} as const;

/** Two buffers for each encoding, reused: a comparison is synchronous and allocates nothing. */
const scratch = {
  hex: [Buffer.alloc(64), Buffer.alloc(64)],
  base64: [Buffer.alloc(44), Buffer.alloc(44)],
} as const;

/** The key that a signing secret's own text is; undefined when it is empty or blank. */
export function textKey(secret: string): HmacKey | undefined {
  return KEY_TEXT.test(secret) ? { text: secret, encoding: 'utf8' } : undefined;
}

/** The key that base64 text decodes to; undefined when it is not canonical base64, empty, or all zero. */
export function base64Key(text: string): HmacKey | undefined {
  return KEY_BASE64.test(text) && CANONICAL_BASE64.test(text) ? { text, encoding: 'base64' } : undefined;
}

/**
 * The key of a Standard Webhooks secret: `whsec_` and base64 of its bytes, or any other text as it stands.
 * White space around `whsec_…` is no part of it; around other text it may be, so there it counts.
 */
export function standardWebhooksKey(secret: string): HmacKey | undefined {
  if (!secret.trimStart().startsWith(STANDARD_WEBHOOKS_PREFIX)) return textKey(secret);
  const base64 = STANDARD_WEBHOOKS_SECRET.exec(secret)?.[1];
  return base64 === undefined ? undefined : base64Key(base64);
}

/** HMAC-SHA256 of `before` (empty for none) followed by the body, without copying the body. */
export function hmacOf(
  key: HmacKey,
  before: string,
  body: Uint8Array | string,
  encoding: SignatureEncoding,
): string {
  const hmac = createHmac('sha256', key.text, { encoding: key.encoding });
  if (before !== '') hmac.update(before);
  return hmac.update(body).digest(encoding);
}

/** Whether the text is a whole digest in its only spelling, so that nothing can be added to a good one. */
export function isDigest(text: string, encoding: SignatureEncoding): boolean {
  // The length first: a header may be 64 KB long.
  return text.length === scratch[encoding][0].length && DIGEST[encoding].test(text);
}

/**
 * Compares two digests in constant time, as text: what is never decoded cannot be decoded leniently.
 * Both must have passed `isDigest`.
 */
export function equalDigests(given: string, expected: string, encoding: SignatureEncoding): boolean {
  const [left, right] = scratch[encoding];
  left.write(encoding === 'hex' ? given.toLowerCase() : given, 'latin1');
  right.write(expected, 'latin1');
  return timingSafeEqual(left, right);
}

/** Compares two texts in constant time, but for their length. */
export function equalTexts(given: string, expected: string): boolean {
  // Equal bytes have equal text length, and a long header is not worth encoding.
  if (given.length !== expected.length) return false;
  const left = Buffer.from(given);
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}
