import { addAbortSignal, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { AnswerTooLargeError } from './answer-too-large-error.ts';
import type { AwsCall } from './aws-call.ts';
import { sdkCall } from './sdk-call.ts';
import { type ObjectPatience, objectPatience } from './sdk-options.ts';

/** Our calls of S3 through a client of the SDK; what is read comes as bytes. */
export function sdkS3(client: S3Client, patience: ObjectPatience): AwsCall {
  const call = sdkCall(client, { GetObject: GetObjectCommand, PutObject: PutObjectCommand });
  return async (operation, input, signal) => {
    const { Body, ...output } = await call(operation, input, signal);
    if (Body === undefined) return output;
    return { ...output, Body: await bytesOf(Body, output['ContentLength'], patience) };
  };
}

/** The client's time-outs end with the first byte; a body that stalls after it would hold the function for ever. */
async function bytesOf(body: unknown, length: unknown, patience: ObjectPatience): Promise<Uint8Array> {
  if (!(body instanceof Readable)) throw new Error('S3 answered with a body that is no stream');
  const { bodyMillis, maxObjectBytes } = objectPatience(patience);
  if (typeof length === 'number' && length > maxObjectBytes) {
    body.destroy();
    throw new AnswerTooLargeError(maxObjectBytes);
  }
  return buffer(addAbortSignal(AbortSignal.timeout(bodyMillis), body));
}
