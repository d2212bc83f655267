import type { HmacKey } from './hmac.ts';
import { base64Key, equalDigests, hmacOf } from './hmac.ts';
import type { Keyring, SealingKey } from './keyring.ts';
import { KeyringError } from './keyring.ts';

const SEAL = /^v1:([A-Za-z0-9_-]{1,64}):([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)$/;

/** What a seal is worth; `unknown-key` may be a key newer than the keyring at hand. */
export type SealCheck = 'valid' | 'unknown-key' | 'invalid';

/**
 * `v1:{kid}:{base64 HMAC-SHA256}` over the exact bytes of a message body (text counts as UTF-8).
 *
 * @throws KeyringError when the current key is missing or not usable
 */
export function seal(body: Uint8Array | string, keyring: Keyring): string {
  const key = hmacKeyOf(keyOf(keyring, keyring.current));
  if (key === undefined) throw new KeyringError('the current key is missing or not usable');
  return `v1:${keyring.current}:${hmacOf(key, '', body, 'base64')}`;
}

/**
 * Whether a seal stands for these bytes, in constant time; never throws.
 * A key past its `notAfter` opens nothing: no refresh of the keyring could change that, so it is `invalid`.
 */
export function checkSeal(
  body: Uint8Array | string,
  sealText: string | undefined,
  keyring: Keyring,
  now: Date,
): SealCheck {
  const [, kid, given] = (typeof sealText === 'string' && SEAL.exec(sealText)) || [];
  if (kid === undefined || given === undefined) return 'invalid';

  const sealingKey = keyOf(keyring, kid);
  if (sealingKey === undefined) return 'unknown-key';
  const key = hmacKeyOf(sealingKey);
  if (key === undefined || !isOpen(sealingKey, now)) return 'invalid';
  return equalDigests(given, hmacOf(key, '', body, 'base64'), 'base64') ? 'valid' : 'invalid';
}

function keyOf({ keys }: Keyring, kid: string): SealingKey | undefined {
  return Object.hasOwn(keys, kid) ? keys[kid] : undefined;
}

function hmacKeyOf(sealingKey: SealingKey | undefined): HmacKey | undefined {
  return sealingKey === undefined ? undefined : base64Key(sealingKey.key);
}

/** Written so that an unreadable time closes the key. */
function isOpen({ notAfter }: SealingKey, now: Date): boolean {
  return notAfter === undefined || now.getTime() <= Date.parse(notAfter);
}
