export { LakeFileError, type LakeFileFault } from './lake-file-error.ts';
export { encodeOutcomes, mergeOutcomes, type Merged } from './merge-outcomes.ts';
export {
  LAKE_SCHEMA_VERSION,
  OUTCOME_COLUMNS,
  type ColumnType,
  type OutcomeColumn,
} from './outcome-columns.ts';
export { partitionKey, type PartitionedRow } from './partition-key.ts';
export { readOutcomes } from './read-outcomes.ts';
export { refusalOf } from './refusal-of.ts';
