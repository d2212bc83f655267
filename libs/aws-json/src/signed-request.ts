import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { AwsJsonDeps, AwsJsonService } from './aws-json-call.ts';
import type { HttpRequest } from './http-post.ts';

/** As Lambda gives them to a function, for as long as the function's environment lives. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A call as an HTTP request, signed for this second. */
export type SignRequest = (operation: string, body: string, now: Date) => HttpRequest;

const ALGORITHM = 'AWS4-HMAC-SHA256';
const TERMINATOR = 'aws4_request';

/**
 * Signs the calls of one service: Signature Version 4 of the one kind of request that there is here, a POST of JSON to
 * `/`. What does not change from call to call is made once, and the derived key once a day.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function createRequestSigner(
  endpoint: URL,
  service: AwsJsonService,
  { region, credentials }: Pick<AwsJsonDeps, 'region' | 'credentials'>,
): SignRequest {
  const keyOf = dailyKey(credentials.secretAccessKey, region, service.name);
  const { accessKeyId, sessionToken } = credentials;
  return (operation, body, now) => {
    const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
    const day = time.slice(0, 8);
    const scope = `${day}/${region}/${service.name}/${TERMINATOR}`;
    // By name, as the canonical request wants them. All of them are signed: the rest could be changed on the way.
    const signed = [
      ['content-length', String(Buffer.byteLength(body))],
      ['content-type', `application/x-amz-json-${service.version}`],
      ['host', endpoint.host],
      ['x-amz-date', time],
      ...(sessionToken === undefined ? [] : [['x-amz-security-token', sessionToken] as const]),
      ['x-amz-target', `${service.target}.${operation}`],
    ] as const;
    const names = signed.map(([name]) => name).join(';');
    const lines = signed.map(([name, value]) => `${name}:${value}\n`).join('');
    const canonical = `POST\n/\n\n${lines}\n${names}\n${hash('sha256', body)}`;
    const toSign = `${ALGORITHM}\n${time}\n${scope}\n${hash('sha256', canonical)}`;
    const signature = createHmac('sha256', keyOf(day)).update(toSign).digest('hex');
    const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
    return { headers: [...signed.flat(), 'authorization', authorization], body };
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
