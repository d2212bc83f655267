import type { ParquetType, SchemaElement } from 'hyparquet';
import { OUTCOME_COLUMNS, type OutcomeColumn } from './outcome-columns.ts';

/** The physical type of a column's values, and the path to the element that holds them. */
export interface Leaf {
  readonly type: ParquetType;
  readonly path: readonly string[];
}

const TEXT = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } } as const;

/** One column as Parquet describes it: a single element, or three for a list. */
export function columnElements({ name, type, nullable }: OutcomeColumn): readonly SchemaElement[] {
  const repetition_type = nullable ? 'OPTIONAL' : 'REQUIRED';
  switch (type) {
    case 'string':
      return [{ name, ...TEXT, repetition_type }];
    case 'double':
      return [{ name, type: 'DOUBLE', repetition_type }];
    case 'int32':
      return [{ name, type: 'INT32', repetition_type }];
    case 'boolean':
      return [{ name, type: 'BOOLEAN', repetition_type }];
    case 'timestamp':
      return [
        {
          name,
          type: 'INT64',
          converted_type: 'TIMESTAMP_MILLIS',
          logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
          repetition_type,
        },
      ];
    case 'list<string>':
      return listElements(name);
  }
}

/** @see https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#lists */
const listElements = (name: string): readonly SchemaElement[] => [
  {
    name,
    converted_type: 'LIST',
    logical_type: { type: 'LIST' },
    repetition_type: 'REQUIRED',
    num_children: 1,
  },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', ...TEXT, repetition_type: 'REQUIRED' },
];

/** Where a column's values are in the schema. */
export function leafOf(column: OutcomeColumn): Leaf {
  const elements = columnElements(column);
  const type = elements.at(-1)?.type;
  if (type === undefined) throw new TypeError('a column without a type');
  return { type, path: elements.map(({ name }) => name) };
}

/** The schema of every file that is written now. */
export const FILE_SCHEMA: readonly SchemaElement[] = [
  { name: 'outcomes', repetition_type: 'REQUIRED', num_children: OUTCOME_COLUMNS.length },
  ...OUTCOME_COLUMNS.flatMap(columnElements),
];
