import { withAttempts } from './attempts.ts';
import type { AwsCall } from './aws-call.ts';
import type { AwsCallDeps } from './aws-json-call.ts';
import { AwsJsonError } from './aws-json-error.ts';
import { headerOf, type HttpAnswer } from './http-answer.ts';
import { createHttpSend } from './http-send.ts';
import { s3Error } from './s3-error.ts';
import { s3Request } from './s3-request.ts';
import { type ObjectPatience, objectPatience } from './sdk-options.ts';
import { createRequestSigner } from './signed-request.ts';

/**
 * `GetObject` and `PutObject` of S3, signed and sent by hand as `createAwsJsonCall` does it. What is read comes as
 * bytes: `{ Body, ETag }`. The signature is over the SHA-256 of what is written, so S3 takes no other bytes and no other
 * checksum is needed.
 *
 * @throws TypeError for another operation, and for a field of an input that is not known here
 */
export function createS3Call(deps: AwsCallDeps & ObjectPatience): AwsCall {
  const endpoint = new URL(deps.endpoint);
  const patience = objectPatience(deps);
  const serverOf = serversWith((origin) => ({
    sign: createRequestSigner(origin, 's3', deps),
    send: createHttpSend(origin, patience.maxObjectBytes),
  }));
  return async (operation, input, signal) => {
    const { origin, request } = s3Request(endpoint, operation, input);
    const { sign, send } = serverOf(origin);
    const attempt = async () => outputOf(operation, await send(patience, sign(request, new Date()), signal));
    return withAttempts(attempt, deps, signal);
  };
}

/** One for each host: a bucket has one of its own. */
function serversWith<Server>(serverAt: (origin: URL) => Server): (origin: URL) => Server {
  const servers = new Map<string, Server>();
  return (origin) => {
    const server = servers.get(origin.host) ?? serverAt(origin);
    servers.set(origin.host, server);
    return server;
  };
}

/** S3 gives an ETag with every object: without one it is not S3 that answered. */
function outputOf(operation: string, answer: HttpAnswer): Readonly<Record<string, unknown>> {
  const { status, body } = answer;
  if (status !== 200) throw s3Error(status, body.toString());
  const ETag = headerOf(answer, 'etag');
  if (!ETag) throw new AwsJsonError('UnreadableAnswer', 'what answered in place of S3 gave no ETag', 502);
  return operation === 'GetObject' ? { Body: body, ETag } : { ETag };
}
