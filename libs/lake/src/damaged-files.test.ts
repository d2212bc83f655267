import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type FileMetaData, parquetMetadata } from 'hyparquet';
import { ByteWriter, parquetWriteBuffer } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { VERSION_KEY } from './assemble-file.ts';
import { writeChecksum } from './file-checksum.ts';
import { LakeFileError } from './lake-file-error.ts';
import { encodeOutcomes, mergeOutcomes } from './merge-outcomes.ts';
import { readOutcomes } from './read-outcomes.ts';
import { fullRow, outcomeRow } from './sample-rows.ts';

const rows = [
  fullRow({ event_id: 'e1' }),
  fullRow({ event_id: 'e2', agent_id: 'agent-8', occurred_at: '2026-11-20T14:10:00.000Z' }),
  outcomeRow({ event_id: 'e3', occurred_at: '2026-11-20T14:20:00.000Z' }),
];
const file = encodeOutcomes(rows);

/** The same pages under another footer, as another version of this code would write it. */
function withFooter(bytes: Uint8Array, edit: (metadata: FileMetaData) => FileMetaData): Uint8Array {
  const metadata = parquetMetadata(bytes);
  const writer = new ByteWriter();
  writer.appendBytes(bytes.subarray(0, bytes.length - 8 - metadata.metadata_length));
  writeMetadata(writer, edit(metadata));
  writer.appendBytes(Buffer.from('PAR1'));
  const file = writer.getBytes();
  writeChecksum(file);
  return file;
}

const ofVersion =
  (value: string) =>
  (metadata: FileMetaData): FileMetaData => ({
    ...metadata,
    key_value_metadata: [{ key: VERSION_KEY, value }],
  });

const without =
  (column: string) =>
  (metadata: FileMetaData): FileMetaData => ({
    ...metadata,
    schema: metadata.schema
      .filter(({ name }) => name !== column)
      .map((element, index) =>
        index === 0 ? { ...element, num_children: (element.num_children ?? 0) - 1 } : element,
      ),
    row_groups: metadata.row_groups.map((group) => ({
      ...group,
      columns: group.columns.filter(({ meta_data }) => meta_data?.path_in_schema[0] !== column),
    })),
  });

/** What becomes of merging into the file: a fault, or the merged rows. */
async function mergedInto(bytes: Uint8Array) {
  try {
    const merged = await mergeOutcomes(bytes, [fullRow({ event_id: 'new' })]);
    return await readOutcomes(merged.bytes);
  } catch (error) {
    if (error instanceof LakeFileError) return error.code;
    throw error;
  }
}

describe('a file is not merged into when it', () => {
  test.each([
    ['is empty', new Uint8Array()],
    ['is something else', Buffer.from('{"event_id":"e1"}')],
    ['was cut at its end', file.subarray(0, -1)],
    ['was cut in the middle', file.subarray(0, file.length / 2)],
    [
      'was written by somebody else',
      new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'event_id', data: ['e1'] }] })),
    ],
    ['lost its beginning', file.subarray(100)],
    [
      'has a footer of zeros',
      Buffer.concat([file.subarray(0, -200), Buffer.alloc(192), Buffer.from('PAR1')]),
    ],
    [
      'says to have more rows than it has',
      withFooter(file, (metadata) => ({ ...metadata, num_rows: 2n ** 40n })),
    ],
    [
      'has a row group longer than its columns',
      withFooter(file, (metadata) => ({
        ...metadata,
        num_rows: 4n,
        row_groups: metadata.row_groups.map((group) => ({ ...group, num_rows: 4n })),
      })),
    ],
    [
      'lacks a column that its schema has',
      withFooter(file, (metadata) => ({
        ...metadata,
        row_groups: metadata.row_groups.map((group) => ({ ...group, columns: group.columns.slice(1) })),
      })),
    ],
  ])('%s', async (_case, bytes) => {
    await expect(mergedInto(bytes)).resolves.toBe('corrupt');
  });

  test('is of a newer version', async () => {
    await expect(mergedInto(withFooter(file, ofVersion('2')))).resolves.toBe('newer-schema');
  });

  const elements = (metadata: FileMetaData) => metadata.schema;
  test.each([
    ['does not say its version', withFooter(file, ({ key_value_metadata: _none, ...rest }) => rest)],
    ['says no number as its version', withFooter(file, ofVersion('new'))],
    ['lacks a column', withFooter(file, without('agent_id'))],
    [
      'lacks a column that each row has, and is older',
      withFooter(file, (metadata) => ofVersion('0')(without('source')(metadata))),
    ],
    [
      'has a column more',
      withFooter(file, (metadata) => ({
        ...metadata,
        schema: [...elements(metadata), { name: 'mood', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' }],
      })),
    ],
    [
      'has a column of another type',
      withFooter(file, (metadata) => ({
        ...metadata,
        schema: elements(metadata).map((element) =>
          element.name === 'empathy_score' ? { ...element, type: 'FLOAT' as const } : element,
        ),
      })),
    ],
    [
      'has local times',
      withFooter(file, (metadata) => ({
        ...metadata,
        schema: elements(metadata).map((element) =>
          element.name === 'occurred_at'
            ? {
                ...element,
                logical_type: { type: 'TIMESTAMP' as const, isAdjustedToUTC: false, unit: 'MILLIS' as const },
              }
            : element,
        ),
      })),
    ],
  ])('%s', async (_case, bytes) => {
    await expect(mergedInto(bytes)).resolves.toBe('other-columns');
  });
});

test('a file of an older version is merged into: a column it does not have is null in its rows', async () => {
  const older = withFooter(file, (metadata) => ofVersion('0')(without('agent_id')(metadata)));
  const merged = await mergedInto(older);
  expect(merged).toEqual([
    ...[fullRow({ event_id: 'new' }), ...rows.map((row) => ({ ...row, agent_id: null }))].sort(
      (left, right) => (left.occurred_at + left.event_id < right.occurred_at + right.event_id ? -1 : 1),
    ),
  ]);
});

test('a file with any bit changed is refused', async () => {
  const damaged = Buffer.from(file);
  const outcomes = new Set<unknown>();
  for (let at = 0; at < file.length; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      damaged[at] = (file[at] ?? 0) ^ (1 << bit);
      outcomes.add(
        await readOutcomes(damaged).catch((error: unknown) => (error as Partial<LakeFileError>).code),
      );
    }
    damaged[at] = file[at] ?? 0;
  }
  expect(outcomes).toEqual(new Set(['corrupt']));
});

test('pages that do not fit their footer are refused, though the checksum is right', async () => {
  const page = Number(parquetMetadata(file).row_groups[0]?.columns[0]?.meta_data?.data_page_offset);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 20, maxLength: 20 }), async (noise) => {
      const damaged = Buffer.from(file);
      damaged.set(noise, page + 20);
      writeChecksum(damaged);
      await expect(readOutcomes(damaged)).rejects.toThrow(
        expect.objectContaining({ code: 'corrupt', message: 'its column event_id cannot be read' }),
      );
    }),
    { numRuns: 200 },
  );
});

test('the bytes of two files one behind the other are no file', async () => {
  await expect(readOutcomes(Buffer.concat([file, file]))).rejects.toThrow(LakeFileError);
});
