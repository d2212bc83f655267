import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { ServiceError } from './service-error.ts';

/** An S3 in memory: versions, conditional writes, uploads in parts. */
export interface VirtualS3 {
  call(operation: string, input: Readonly<Record<string, unknown>>): object;
  /** What can be seen in a bucket, by key. */
  objects(bucket: string): ReadonlyMap<string, Uint8Array>;
  /** Uploads that were neither finished nor aborted. */
  unfinished(): number;
}

type Metadata = Readonly<Record<string, string>>;

interface Version {
  readonly bytes: Uint8Array;
  readonly metadata: Metadata;
  readonly etag: string;
  readonly versionId: string;
}

interface Input {
  readonly Bucket: string;
  readonly Key: string;
  readonly Body?: Uint8Array | string;
  readonly Metadata?: Metadata;
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly VersionId?: string;
  readonly UploadId: string;
  readonly PartNumber: number;
  readonly Prefix?: string;
}

interface State {
  /** By bucket and key, the latest version first. */
  readonly buckets: Map<string, Map<string, readonly Version[]>>;
  readonly uploads: Map<string, Map<number, Uint8Array>>;
  writes: number;
}

/** Makes one with these buckets, empty. */
export function virtualS3(bucketNames: readonly string[]): VirtualS3 {
  const buckets = new Map(bucketNames.map((name) => [name, new Map<string, readonly Version[]>()]));
  const state: State = { buckets, uploads: new Map(), writes: 0 };
  return {
    call: (operation, input) => {
      const run = OPERATIONS[operation];
      if (!run) throw new Error(`this S3 knows no ${operation}`);
      return run(state, input as unknown as Input);
    },
    objects: (name) =>
      new Map([...bucket(state, name)].flatMap(([key, [latest]]) => (latest ? [[key, latest.bytes]] : []))),
    unfinished: () => state.uploads.size,
  };
}

const OPERATIONS: Readonly<Record<string, (state: State, input: Input) => object>> = {
  PutObject: (state, { Bucket, Key, Body = '', Metadata, IfMatch, IfNoneMatch }) => {
    const [present] = bucket(state, Bucket).get(Key) ?? [];
    if (IfNoneMatch === '*' && present) throw new ServiceError('PreconditionFailed', 412);
    if (IfMatch !== undefined && present === undefined) throw new ServiceError('NoSuchKey', 404);
    if (IfMatch !== undefined && present?.etag !== IfMatch) throw new ServiceError('PreconditionFailed', 412);
    return write(state, Bucket, Key, Buffer.from(Body), Metadata);
  },
  GetObject: (state, input) => {
    const { bytes, etag, metadata } = found(state, input);
    if (input.IfNoneMatch === etag) throw new ServiceError('NotModified', 304);
    return { Body: body(bytes), ETag: etag, ContentLength: bytes.length, Metadata: metadata };
  },
  HeadObject: (state, input) => {
    const { bytes, etag, metadata } = found(state, input, 'NotFound');
    return { ETag: etag, ContentLength: bytes.length, Metadata: metadata };
  },
  DeleteObject: (state, { Bucket, Key }) => {
    bucket(state, Bucket).delete(Key);
    return {};
  },
  ListObjectVersions: (state, { Bucket, Prefix = '' }) => ({
    Versions: [...bucket(state, Bucket)]
      .filter(([key]) => key.startsWith(Prefix))
      .flatMap(([Key, versions]) =>
        versions.map(({ versionId }, index) => ({ Key, VersionId: versionId, IsLatest: index === 0 })),
      ),
  }),
  CreateMultipartUpload: (state) => {
    const UploadId = `upload-${(state.writes += 1)}`;
    state.uploads.set(UploadId, new Map());
    return { UploadId };
  },
  UploadPart: (state, { UploadId, PartNumber, Body = '' }) => {
    const bytes = Buffer.from(Body);
    upload(state, UploadId).set(PartNumber, bytes);
    return { ETag: etagOf(bytes) };
  },
  CompleteMultipartUpload: (state, { Bucket, Key, UploadId }) => {
    const parts = [...upload(state, UploadId)].sort(([one], [other]) => one - other);
    state.uploads.delete(UploadId);
    return write(state, Bucket, Key, Buffer.concat(parts.map(([, bytes]) => bytes)));
  },
  AbortMultipartUpload: (state, { UploadId }) => {
    state.uploads.delete(UploadId);
    return {};
  },
};

function bucket({ buckets }: State, name: string): Map<string, readonly Version[]> {
  const found = buckets.get(name);
  if (!found) throw new ServiceError('NoSuchBucket', 404);
  return found;
}

function upload({ uploads }: State, id: string): Map<number, Uint8Array> {
  const found = uploads.get(id);
  if (!found) throw new ServiceError('NoSuchUpload', 404);
  return found;
}

function found(state: State, { Bucket, Key, VersionId }: Input, absent = 'NoSuchKey'): Version {
  const versions = bucket(state, Bucket).get(Key) ?? [];
  const version =
    VersionId === undefined ? versions[0] : versions.find(({ versionId }) => versionId === VersionId);
  if (!version) throw new ServiceError(absent, 404);
  return version;
}

function write(
  state: State,
  bucketName: string,
  key: string,
  bytes: Uint8Array,
  metadata: Metadata = {},
): object {
  const versions = bucket(state, bucketName);
  const version = { bytes, metadata, etag: etagOf(bytes), versionId: `v${(state.writes += 1)}` };
  versions.set(key, [version, ...(versions.get(key) ?? [])]);
  return { ETag: version.etag, VersionId: version.versionId };
}

const etagOf = (bytes: Uint8Array): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

/** A stream with what the SDK adds to it. */
const body = (bytes: Uint8Array) =>
  Object.assign(Readable.from([bytes], { objectMode: false }), {
    transformToByteArray: async () => bytes,
    transformToString: async () => Buffer.from(bytes).toString(),
  });
