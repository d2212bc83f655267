import type { OutcomeRow } from '@aftercall/schemas';

/** The version of the columns below; it stands in every file's metadata, and each row says which it was made by. */
export const LAKE_SCHEMA_VERSION = 1;

export type ColumnType = 'string' | 'double' | 'int32' | 'timestamp' | 'boolean' | 'list<string>';

/** One column of the lake's outcomes. A list is never null, only empty. */
export interface OutcomeColumn {
  readonly name: keyof OutcomeRow;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

/** Every column, in the order in which the files have them. */
export const OUTCOME_COLUMNS: readonly OutcomeColumn[] = [
  { name: 'event_id', type: 'string', nullable: false },
  { name: 'event_type', type: 'string', nullable: false },
  { name: 'org', type: 'string', nullable: false },
  { name: 'source', type: 'string', nullable: false },
  { name: 'conversation_id', type: 'string', nullable: false },
  { name: 'communication_id', type: 'string', nullable: true },
  { name: 'agent_id', type: 'string', nullable: true },
  { name: 'queue_id', type: 'string', nullable: true },
  { name: 'media_type', type: 'string', nullable: true },
  { name: 'direction', type: 'string', nullable: true },
  { name: 'occurred_at', type: 'timestamp', nullable: false },
  { name: 'received_at', type: 'timestamp', nullable: false },
  { name: 'sentiment_label', type: 'string', nullable: true },
  { name: 'sentiment_score', type: 'double', nullable: true },
  { name: 'sentiment_trend', type: 'double', nullable: true },
  { name: 'sentiment_raw', type: 'double', nullable: true },
  { name: 'sentiment_unit', type: 'string', nullable: true },
  { name: 'empathy_score', type: 'double', nullable: true },
  { name: 'top_intent', type: 'string', nullable: true },
  { name: 'top_intent_confidence', type: 'double', nullable: true },
  { name: 'intents', type: 'list<string>', nullable: false },
  { name: 'keywords', type: 'list<string>', nullable: false },
  { name: 'topics', type: 'list<string>', nullable: false },
  { name: 'categories', type: 'list<string>', nullable: false },
  { name: 'violation_count', type: 'int32', nullable: false },
  { name: 'violations', type: 'list<string>', nullable: false },
  { name: 'max_severity', type: 'string', nullable: true },
  { name: 'has_transcript', type: 'boolean', nullable: false },
  { name: 'truncated', type: 'boolean', nullable: false },
  { name: 'schema_version', type: 'int32', nullable: false },
];

/** Ids that differ from row to row: a dictionary of them would only cost. */
export const DISTINCT_COLUMNS: ReadonlySet<OutcomeColumn['name']> = new Set<OutcomeColumn['name']>([
  'event_id',
  'conversation_id',
  'communication_id',
]);
