import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { HttpRequest } from './http-send.ts';

/** As Lambda gives them to a function, for as long as the function's environment lives. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A request of one service, before it is signed. */
export interface UnsignedRequest {
  readonly method: string;
  /** As the service's canonical requests have it, each part encoded once. */
  readonly path: string;
  /** Encoded, by name; empty for none. */
  readonly query: string;
  /** Names in lower case; where it goes, when, and the session token come on top. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Uint8Array;
  /** In hexadecimal. */
  readonly bodySha256: string;
}

/** The same, signed for this second. */
export type SignRequest = (request: UnsignedRequest, now: Date) => HttpRequest;

const ALGORITHM = 'AWS4-HMAC-SHA256';
const TERMINATOR = 'aws4_request';

/**
 * Signs the requests of one service with Signature Version 4. The derived key is made once a day.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function createRequestSigner(
  endpoint: URL,
  service: string,
  { region, credentials }: { readonly region: string; readonly credentials: Credentials },
): SignRequest {
  const keyOf = dailyKey(credentials.secretAccessKey, region, service);
  const { accessKeyId, sessionToken } = credentials;
  return ({ method, path, query, headers, body, bodySha256 }, now) => {
    const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
    const day = time.slice(0, 8);
    const scope = `${day}/${region}/${service}/${TERMINATOR}`;
    // All of them are signed: the rest could be changed on the way.
    const signed: (readonly [string, string])[] = [
      ...headers,
      ['host', endpoint.host],
      ['x-amz-date', time],
      ...(sessionToken === undefined ? [] : [['x-amz-security-token', sessionToken] as const]),
    ];
    signed.sort(([one], [other]) => (one < other ? -1 : 1));
    const names = signed.map(([name]) => name).join(';');
    const lines = signed.map(([name, value]) => `${name}:${value}\n`).join('');
    const canonical = `${method}\n${path}\n${query}\n${lines}\n${names}\n${bodySha256}`;
    const toSign = `${ALGORITHM}\n${time}\n${scope}\n${hash('sha256', canonical)}`;
    const signature = createHmac('sha256', keyOf(day)).update(toSign).digest('hex');
    const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
    const target = query === '' ? path : `${path}?${query}`;
    return { method, target, headers: [...signed.flat(), 'authorization', authorization], body };
  };
}

/** A KeyObject, because a Buffer as key makes an HMAC four times slower (Node 24). */
function dailyKey(secretAccessKey: string, region: string, service: string): (day: string) => KeyObject {
  let derived: { readonly day: string; readonly key: KeyObject } | undefined;
  return (day) => {
    if (derived?.day !== day) {
      const secret = createSecretKey(`AWS4${secretAccessKey}`, 'utf8');
      const key = [day, region, service, TERMINATOR].reduce(
        (parent, text) => createSecretKey(createHmac('sha256', parent).update(text).digest()),
        secret,
      );
      derived = { day, key };
    }
    return derived.key;
  };
}
