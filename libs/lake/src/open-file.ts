import { isDeepStrictEqual } from 'node:util';
import { type FileMetaData, parquetMetadata, type SchemaElement } from 'hyparquet';
import { VERSION_KEY } from './assemble-file.ts';
import { isWhole } from './file-checksum.ts';
import { LakeFileError } from './lake-file-error.ts';
import { LAKE_SCHEMA_VERSION, OUTCOME_COLUMNS, type OutcomeColumn } from './outcome-columns.ts';
import { columnElements } from './parquet-schema.ts';

/** A file of the lake that may be read, and rewritten without a loss. */
export interface OpenFile {
  readonly bytes: Uint8Array;
  readonly metadata: FileMetaData;
  readonly rowCount: number;
  /** The columns that the file has; those it does not have yet are null in every row. */
  readonly columns: ReadonlySet<OutcomeColumn>;
}

/**
 * Reads a file's footer and makes sure that nothing of the file is lost when its rows are written anew.
 *
 * @throws LakeFileError
 */
export function openFile(bytes: Uint8Array): OpenFile {
  if (!isWhole(bytes)) throw new LakeFileError('corrupt', 'it is damaged, or not one of ours');
  const metadata = uncorrupted('its footer cannot be read', () => parquetMetadata(bytes));
  const version = versionOf(metadata);
  if (version > LAKE_SCHEMA_VERSION) {
    throw new LakeFileError(
      'newer-schema',
      `its schema version is ${version}, known is ${LAKE_SCHEMA_VERSION}`,
    );
  }
  const columns = knownColumns(metadata.schema, version);
  const rows = metadata.row_groups.reduce((sum, { num_rows }) => sum + num_rows, 0n);
  if (rows !== metadata.num_rows)
    throw new LakeFileError('corrupt', 'its row groups have other rows than it says');
  return { bytes, metadata, rowCount: Number(rows), columns };
}

/** Whatever a reader of foreign bytes throws, it says one thing. */
export function uncorrupted<T>(message: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof LakeFileError) throw cause;
    throw new LakeFileError('corrupt', message, { cause });
  }
}

function versionOf({ key_value_metadata: pairs = [] }: FileMetaData): number {
  const text = pairs.find(({ key }) => key === VERSION_KEY)?.value;
  if (text === undefined || !/^\d{1,9}$/.test(text)) {
    throw new LakeFileError('other-columns', `its metadata has no ${VERSION_KEY}: somebody else wrote it`);
  }
  return Number(text);
}

/** Every column of the file must be one of ours, in our order; one that an older file lacks must be one that may be null. */
function knownColumns(
  [, ...elements]: readonly SchemaElement[],
  version: number,
): ReadonlySet<OutcomeColumn> {
  const known = new Set<OutcomeColumn>();
  let next = 0;
  for (const column of OUTCOME_COLUMNS) {
    const ours = columnElements(column);
    const theirs = elements.slice(next, next + ours.length);
    if (isDeepStrictEqual(theirs.map(shapeOf), ours.map(shapeOf))) {
      known.add(column);
      next += ours.length;
    } else if (version === LAKE_SCHEMA_VERSION || !column.nullable) {
      throw new LakeFileError('other-columns', `it has no column ${column.name} as we write it`);
    }
  }
  if (next < elements.length)
    throw new LakeFileError('other-columns', 'it has columns that are not known here');
  return known;
}

const shapeOf = (element: SchemaElement) => ({
  name: element.name,
  type: element.type,
  repetition: element.repetition_type,
  children: element.num_children,
  converted: element.converted_type,
  logical: element.logical_type,
});
