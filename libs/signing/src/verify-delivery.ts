import type { HmacKey } from './hmac.ts';
import { equalDigests, equalTexts, hmacOf, isDigest, standardWebhooksKey, textKey } from './hmac.ts';
import type { HmacScheme, SignatureEncoding, SignatureScheme } from './signature-scheme.ts';

/** How far a signed timestamp may lie from now, either way, before the delivery counts as a replay. */
export const TOLERANCE_SECONDS = 5 * 60;

/** A webhook request as received. */
export interface Delivery {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The exact bytes that were signed, base64 of the transport already undone, never re-serialised JSON. */
  readonly body: Uint8Array;
}

const verified: unique symbol = Symbol('verified');

/** A delivery that went through `verifyDelivery`; nothing else can make one. */
export interface VerifiedDelivery {
  readonly [verified]: true;
  readonly body: Uint8Array;
  /** The `webhook-id`, which only `standard-webhooks` signs. */
  readonly signedId: string | undefined;
  /** Which of the secrets matched: above 0 means that the sender still signs with an older one. */
  readonly secretIndex: number;
}

/** Why a delivery is not trusted; the sender is told none of it. */
export type RefusalCode = 'missing-header' | 'malformed' | 'stale-timestamp' | 'no-match';

interface Refused {
  readonly outcome: 'refused';
  readonly code: RefusalCode;
}

/** What became of the check. */
export type Verification = { readonly outcome: 'verified'; readonly delivery: VerifiedDelivery } | Refused;

/** What the sender claims to have signed before the body, and the digests it offers for it. */
interface Claim {
  readonly outcome: 'claim';
  readonly before: string;
  readonly digests: readonly string[];
  readonly encoding: SignatureEncoding;
  readonly signedId: string | undefined;
}

/**
 * Checks a delivery against every secret that is accepted now (two during a rotation), in constant time.
 * Never throws, whatever the headers hold; without a usable secret every delivery is refused.
 *
 * @param scheme as `schemeOf` gives it: header names in lower case
 */
export function verifyDelivery(
  delivery: Delivery,
  scheme: SignatureScheme,
  secrets: readonly string[],
  now: Date,
): Verification {
  switch (scheme.kind) {
    case 'hmac':
      return verifyClaim(readHmac(delivery, scheme, now), textKey, delivery.body, secrets);
    case 'standard-webhooks':
      return verifyClaim(readStandardWebhook(delivery, now), standardWebhooksKey, delivery.body, secrets);
    case 'static-header':
      return verifyStaticHeader(delivery, scheme.header, secrets);
  }
}

function verifyClaim(
  claim: Claim | Refused,
  keyOf: (secret: string) => HmacKey | undefined,
  body: Uint8Array,
  secrets: readonly string[],
): Verification {
  if (claim.outcome === 'refused') return claim;
  const { before, digests, encoding, signedId } = claim;
  const secretIndex = secrets.findIndex((secret) => {
    const key = keyOf(secret);
    if (key === undefined) return false;
    const expected = hmacOf(key, before, body, encoding);
    return digests.some((given) => equalDigests(given, expected, encoding));
  });
  return secretIndex < 0 ? refused('no-match') : accepted(body, signedId, secretIndex);
}

function readHmac({ headers }: Delivery, scheme: HmacScheme, now: Date): Claim | Refused {
  const { encoding, prefix, timestampHeader } = scheme;
  const given = scheme.headers.map((name) => headerOf(headers, name)).filter((value) => value !== undefined);
  if (given.length === 0) return refused('missing-header');

  const digests = given
    .filter((value) => value.startsWith(prefix))
    .map((value) => value.slice(prefix.length))
    .filter((text) => isDigest(text, encoding));
  if (digests.length === 0) return refused('malformed');

  const claim = { outcome: 'claim', digests, encoding, signedId: undefined } as const;
  if (timestampHeader === undefined) return { ...claim, before: '' };
  const timestamp = headerOf(headers, timestampHeader);
  return timestampProblem(timestamp, now) ?? { ...claim, before: `${timestamp}.` };
}

/** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function readStandardWebhook({ headers }: Delivery, now: Date): Claim | Refused {
  const signedId = headerOf(headers, 'webhook-id');
  const timestamp = headerOf(headers, 'webhook-timestamp');
  const signatures = headerOf(headers, 'webhook-signature');
  if (signedId === undefined || signatures === undefined) return refused('missing-header');
  // With a full stop in the id, part of a signed body could be passed off as the timestamp.
  if (signedId === '' || signedId.includes('.')) return refused('malformed');
  const problem = timestampProblem(timestamp, now);
  if (problem !== undefined) return problem;

  const digests = signatures
    .split(' ')
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => signature.slice('v1,'.length))
    .filter((text) => isDigest(text, 'base64'));
  if (digests.length === 0) return refused('malformed');
  return { outcome: 'claim', before: `${signedId}.${timestamp}.`, digests, encoding: 'base64', signedId };
}

function verifyStaticHeader(
  { headers, body }: Delivery,
  name: string,
  secrets: readonly string[],
): Verification {
  const given = headerOf(headers, name);
  if (given === undefined) return refused('missing-header');
  const secretIndex = secrets.findIndex(
    (secret) => textKey(secret) !== undefined && equalTexts(given, secret),
  );
  return secretIndex < 0 ? refused('no-match') : accepted(body, undefined, secretIndex);
}

function timestampProblem(timestamp: string | undefined, now: Date): Refused | undefined {
  if (timestamp === undefined) return refused('missing-header');
  if (!/^\d{1,12}$/.test(timestamp)) return refused('malformed');
  const distanceSeconds = Math.abs(now.getTime() / 1000 - Number(timestamp));
  // Written so that an invalid `now` refuses.
  return distanceSeconds <= TOLERANCE_SECONDS ? undefined : refused('stale-timestamp');
}

/** The header's own text; what is inherited (`constructor`) or not text (a repeated header as a list) is absent. */
function headerOf(headers: Delivery['headers'], name: string): string | undefined {
  const value: unknown = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

function accepted(body: Uint8Array, signedId: string | undefined, secretIndex: number): Verification {
  return { outcome: 'verified', delivery: { [verified]: true, body, signedId, secretIndex } };
}

function refused(code: RefusalCode): Refused {
  return { outcome: 'refused', code };
}
