export { OUTCOME_COLUMNS, type ColumnType } from './outcome-columns.ts';
