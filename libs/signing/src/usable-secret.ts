import { standardWebhooksKey, textKey } from './hmac.ts';
import type { SignatureScheme } from './signature-scheme.ts';

/**
 * Whether a delivery can match this secret at all: false for one that is empty, blank or all NUL, and for `whsec_`
 * without canonical base64 of a key after it. When none of a source's secrets is usable, the mistake is the
 * receiver's: the sender must be told to try again, and not that its signature is wrong.
 */
export function isUsableSecret(scheme: SignatureScheme, secret: string): boolean {
  const keyOf = scheme.kind === 'standard-webhooks' ? standardWebhooksKey : textKey;
  return keyOf(secret) !== undefined;
}
