import type { HmacKey } from './hmac.ts';
import { hmacOf, standardWebhooksKey, textKey } from './hmac.ts';
import type { HmacScheme, SignatureScheme } from './signature-scheme.ts';

/** What a sender signs besides the body, where the scheme has a place for it. */
export interface Stamp {
  /** The delivery's id, the same on every attempt. */
  readonly id: string;
  /** The time of this attempt. */
  readonly now: Date;
}

/**
 * The headers that a sender sets so that `verifyDelivery` accepts the body.
 *
 * @throws TypeError when the secret is empty or no base64 follows `whsec_`, or the scheme has no header
 */
export function signDelivery(
  body: Uint8Array,
  scheme: SignatureScheme,
  secret: string,
  stamp: Stamp,
): Record<string, string> {
  switch (scheme.kind) {
    case 'hmac':
      return signHmac(body, scheme, usable(textKey(secret)), stamp);
    case 'standard-webhooks':
      return signStandardWebhook(body, usable(standardWebhooksKey(secret)), stamp);
    case 'static-header':
      return { [scheme.header]: usable(textKey(secret)).text };
  }
}

function signHmac(
  body: Uint8Array,
  scheme: HmacScheme,
  key: HmacKey,
  { now }: Stamp,
): Record<string, string> {
  const { headers, encoding, prefix, timestampHeader } = scheme;
  const [header] = headers;
  if (header === undefined) throw new TypeError('an hmac scheme needs at least one header');
  if (timestampHeader === undefined) return { [header]: prefix + hmacOf(key, '', body, encoding) };

  const timestamp = epochSeconds(now);
  return {
    [header]: prefix + hmacOf(key, `${timestamp}.`, body, encoding),
    [timestampHeader]: timestamp,
  };
}

function signStandardWebhook(body: Uint8Array, key: HmacKey, { id, now }: Stamp): Record<string, string> {
  const timestamp = epochSeconds(now);
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${hmacOf(key, `${id}.${timestamp}.`, body, 'base64')}`,
  };
}

function usable(key: HmacKey | undefined): HmacKey {
  if (key === undefined)
    throw new TypeError('the signing secret is empty, or whsec_ without base64 after it');
  return key;
}

function epochSeconds(now: Date): string {
  return String(Math.floor(now.getTime() / 1000));
}
