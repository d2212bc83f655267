import { schemeOf, signDelivery, TOLERANCE_SECONDS } from '@aftercall/signing';
import type { SignatureScheme } from '@aftercall/signing';

import type { PlannedDelivery, Signature } from './planned-delivery.ts';

const FORGERS_SECRET = `whsec_${Buffer.from('a secret that only a forger knows').toString('base64')}`;

/** The headers under which an attempt goes out at `now`; `secret` is the one in force for the source. */
export function signedHeaders(
  { source, signature, deliveryId, contentType, body }: PlannedDelivery,
  secret: string,
  now: Date,
): Record<string, string> {
  const scheme = schemeOf(source.scheme);
  const stamp = { id: deliveryId, now };
  const sign = (bytes: Uint8Array) => signDelivery(bytes, scheme, secret, stamp);
  const headers = (): Record<string, string> => {
    switch (signature) {
      case 'genuine':
        return sign(body);
      case 'missing':
        return {};
      case 'wrong-secret':
        return signDelivery(body, scheme, FORGERS_SECRET, stamp);
      case 'garbled':
        return garbled(sign(body), signatureHeader(scheme));
      case 'of-another-body':
        return sign(Buffer.concat([body, Buffer.from(' ')]));
      case 'stale':
        return signDelivery(body, scheme, secret, { id: deliveryId, now: longAgo(now) });
    }
  };
  return { 'content-type': contentType, ...headers() };
}

/** The forgeries that this scheme can tell: a static header is not bound to the body, and not all sign a time. */
export function forgeriesOf(config: PlannedDelivery['source']['scheme']): readonly Signature[] {
  const scheme = schemeOf(config);
  const always: readonly Signature[] = ['wrong-secret', 'missing', 'garbled'];
  if (scheme.kind === 'static-header') return always;
  const signsTime = scheme.kind === 'standard-webhooks' || scheme.timestampHeader !== undefined;
  return [...always, 'of-another-body', ...(signsTime ? (['stale'] as const) : [])];
}

function signatureHeader(scheme: SignatureScheme): string {
  switch (scheme.kind) {
    case 'hmac':
      return scheme.headers[0] ?? '';
    case 'standard-webhooks':
      return 'webhook-signature';
    case 'static-header':
      return scheme.header;
  }
}

/** Right up to its end, which a lenient decoder would cut off. */
function garbled(headers: Record<string, string>, header: string): Record<string, string> {
  return { ...headers, [header]: `${headers[header] ?? ''}zz` };
}

function longAgo(now: Date): Date {
  return new Date(now.getTime() - 2 * TOLERANCE_SECONDS * 1_000);
}
