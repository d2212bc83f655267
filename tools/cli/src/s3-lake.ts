import { GetObjectCommand, NoSuchKey, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { decoded, OUTCOMES_PREFIX, readLakeKey } from './lake-key.ts';
import type { LakeKey } from './lake-key.ts';
import { mayHold } from './lake-selection.ts';
import type { LakeSelection } from './lake-selection.ts';

/** A file of the lake, as its listing says. */
export interface LakeFile extends LakeKey {
  readonly key: string;
  readonly bytes: number;
}

export interface LakeListing {
  /** What may hold rows of the selection. */
  readonly files: readonly LakeFile[];
  /** Keys among the files that are none of the lake's. */
  readonly strays: readonly string[];
  /** Every source that has files, also those not selected. */
  readonly sources: readonly string[];
}

/** The way to a lake bucket. */
export interface LakeBucket {
  readonly client: S3Client;
  readonly name: string;
}

/** Lists the files of a selection: of other sources and of days before it, not even the keys are read. */
export async function listLake(bucket: LakeBucket, selection: LakeSelection): Promise<LakeListing> {
  const top = await listTop(bucket);
  const files: LakeFile[] = [];
  const strays = [...top.strays];
  for (const { prefix, source } of top.partitions) {
    if (selection.source !== undefined && selection.source !== source) continue;
    for await (const { key, bytes } of objectsOf(bucket, prefix, selection)) {
      const parts = readLakeKey(key);
      if (parts === undefined) strays.push(key);
      else if (mayHold(selection, parts)) files.push({ key, bytes, ...parts });
    }
  }
  return { files, strays, sources: top.partitions.flatMap(({ source }) => source ?? []) };
}

interface SourcePartition {
  readonly prefix: string;
  readonly source: string | undefined;
}

/** The sources' partitions, and what lies beside them. */
async function listTop({ client, name }: LakeBucket) {
  const partitions: SourcePartition[] = [];
  const strays: string[] = [];
  const pages = paginateListObjectsV2({ client }, { Bucket: name, Prefix: OUTCOMES_PREFIX, Delimiter: '/' });
  for await (const { CommonPrefixes = [], Contents = [] } of pages) {
    strays.push(...Contents.flatMap(({ Key = '' }) => (isFolderMark(Key) ? [] : [Key])));
    partitions.push(
      ...CommonPrefixes.map(({ Prefix = '' }) => ({ prefix: Prefix, source: sourceIn(Prefix) })),
    );
  }
  return { partitions, strays };
}

function sourceIn(prefix: string): string | undefined {
  const [, encoded] = /^outcomes\/source=([^/]+)\/$/.exec(prefix) ?? [];
  return encoded === undefined ? undefined : decoded(encoded);
}

async function* objectsOf({ client, name }: LakeBucket, prefix: string, { since }: LakeSelection) {
  const start = since === undefined ? {} : { StartAfter: `${prefix}dt=${since.toISOString().slice(0, 10)}` };
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client },
    { Bucket: name, Prefix: prefix, ...start },
  )) {
    for (const { Key = '', Size = 0 } of Contents) if (!isFolderMark(Key)) yield { key: Key, bytes: Size };
  }
}

/** An empty object such as the S3 console makes for a folder. */
const isFolderMark = (key: string): boolean => key.endsWith('/');

/** Copies a file of the lake to a local path, streaming; `gone` when it was deleted since it was listed. */
export async function downloadLakeFile(
  { client, name }: LakeBucket,
  key: string,
  path: string,
): Promise<'copied' | 'gone'> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: name, Key: key }));
    // In Node the SDK's body is a stream of Node's; its type covers browsers too.
    await pipeline(Body as Readable, createWriteStream(path, { mode: 0o600 }));
    return 'copied';
  } catch (error) {
    if (error instanceof NoSuchKey) return 'gone';
    throw error;
  }
}
