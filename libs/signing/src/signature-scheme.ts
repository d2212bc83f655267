/** How a signature is written down in a header. */
export type SignatureEncoding = 'hex' | 'base64';

/** The schemes that have a name of their own in a source's configuration. */
export type SchemeName = 'genesys-webhook' | 'open-messaging' | 'standard-webhooks';

/** HMAC-SHA256 over the raw body, or over `{timestamp}.{body}` where the sender signs a timestamp too. */
export interface HmacScheme {
  readonly kind: 'hmac';
  /** Lower case; the signature may stand in any one of them. */
  readonly headers: readonly string[];
  readonly encoding: SignatureEncoding;
  /** What precedes the signature in the header, such as `sha256=`; empty for none. */
  readonly prefix: string;
  /** The header that holds the signed time, in seconds since the epoch. */
  readonly timestampHeader?: string;
}

/**
 * How the deliveries of one source are signed.
 * `static-header` binds nothing to the body: it is for senders that cannot compute an HMAC.
 */
export type SignatureScheme =
  | HmacScheme
  | { readonly kind: 'standard-webhooks' }
  | { readonly kind: 'static-header'; readonly header: string };

const presets: Readonly<Record<SchemeName, SignatureScheme>> = {
  'genesys-webhook': {
    kind: 'hmac',
    headers: ['x-genesys-webhook-signature', 'x-genesys-signature'],
    encoding: 'hex',
    prefix: '',
  },
  'open-messaging': {
    kind: 'hmac',
    headers: ['x-hub-signature-256'],
    encoding: 'base64',
    prefix: 'sha256=',
  },
  'standard-webhooks': { kind: 'standard-webhooks' },
};

/**
 * The scheme that a source's configuration means, with header names in lower case as `verifyDelivery` wants them.
 *
 * @throws TypeError when the configuration names no known scheme, or an hmac scheme without a header
 */
export function schemeOf(config: SchemeName | SignatureScheme): SignatureScheme {
  if (typeof config === 'string') return presetOf(config);
  switch (config.kind) {
    case 'standard-webhooks':
      return config;
    case 'static-header':
      return { kind: 'static-header', header: config.header.toLowerCase() };
    case 'hmac':
      return lowerCased(config);
    default:
      throw new TypeError('unknown kind of signature scheme: use hmac, standard-webhooks or static-header');
  }
}

function presetOf(name: SchemeName): SignatureScheme {
  if (Object.hasOwn(presets, name)) return presets[name];
  throw new TypeError(`unknown signature scheme: use ${Object.keys(presets).join(', ')} or an object`);
}

function lowerCased({ timestampHeader, ...scheme }: HmacScheme): HmacScheme {
  // Such a source would refuse every delivery and look like a wrong secret.
  if (scheme.headers.length === 0) throw new TypeError('an hmac scheme needs at least one header');
  const headers = scheme.headers.map((header) => header.toLowerCase());
  if (timestampHeader === undefined) return { ...scheme, headers };
  return { ...scheme, headers, timestampHeader: timestampHeader.toLowerCase() };
}
