import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { readOutcomes } from '@aftercall/lake';
import type { LocalJson } from '@aftercall/local';
import pMap from 'p-map';

/** The event of each row of the lake's outcomes. */
export async function lakeEventIds({ resources }: LocalJson, s3: S3Client): Promise<readonly string[]> {
  const Bucket = resources.lakeBucket;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'outcomes/' }));
  const files = await pMap(
    Contents,
    async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const rows = await readOutcomes((await Body?.transformToByteArray()) ?? new Uint8Array());
      return rows.map(({ event_id: id }) => id);
    },
    { concurrency: 2 },
  );
  return files.flat();
}
