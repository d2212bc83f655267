import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { MultipartUpload, ObjectPlace, ObjectWays } from './s3-object-writer.ts';

/** An upload must say of which kind the checksums of its parts will be. */
const CHECKED = { ChecksumAlgorithm: 'CRC32' } as const;

/**
 * Uploads through the SDK. Its client is loaded with this file: for large transcripts only.
 *
 * @param watched answers the same client with somebody listening to its calls
 */
export function s3MultipartUploads(
  options: S3ClientConfig,
  watched: (client: S3Client) => S3Client,
): ObjectWays['beginUpload'] {
  const client = watched(new S3Client(options));
  return (place) => beginUpload(client, place);
}

async function beginUpload(
  client: S3Client,
  { signal, form, ...object }: ObjectPlace,
): Promise<MultipartUpload> {
  const ended = { abortSignal: signal };
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ ...object, ...form, ...CHECKED }),
    ended,
  );
  if (UploadId === undefined) throw new Error('S3 began an upload without an id');
  const upload = { ...object, UploadId };
  const parts: CompletedPart[] = [];
  return {
    add: async (Body) => {
      const PartNumber = parts.length + 1;
      const { ETag, ChecksumCRC32 } = await client.send(
        new UploadPartCommand({ ...upload, PartNumber, Body, ...CHECKED }),
        ended,
      );
      parts.push({ PartNumber, ETag, ...(ChecksumCRC32 !== undefined && { ChecksumCRC32 }) });
    },
    complete: async () => {
      const whole = { ...upload, MultipartUpload: { Parts: parts } };
      await client.send(new CompleteMultipartUploadCommand(whole), ended);
    },
    // Whatever the signal says: an abort gets through.
    abort: async () => {
      await client.send(new AbortMultipartUploadCommand(upload));
    },
  };
}
