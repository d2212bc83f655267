import type { Calls } from './deployed-calls.ts';

export const SEALING_SECRET = '${data.aws_secretsmanager_secret.sealing.arn}';
export const SET_ASIDE_BUCKET = '${data.aws_s3_bucket.set_aside_bucket.arn}';
export const SET_ASIDE_TABLE = '${data.aws_dynamodb_table.set_aside_table.arn}';
const ARCHIVE = `${SET_ASIDE_BUCKET}/archive/*`;
const CIRCUITS = '${data.aws_ssm_parameter.circuits.arn}';

/** What circuits call, and what is behind them, in a function that has no other use for set-aside. For tests. */
export const HOLDING_CALLS: Calls = {
  'libs/circuit-breaker/src/ssm-shared-circuits.ts GetParameterCommand': [CIRCUITS],
  'libs/circuit-breaker/src/ssm-shared-circuits.ts PutParameterCommand': [CIRCUITS],
  'libs/facts/src/eventbridge-facts.ts PutEventsCommand': ['${data.aws_cloudwatch_event_bus.bus.arn}'],
  'libs/set-aside/src/s3-object-store.ts HeadObjectCommand': [ARCHIVE],
  'libs/set-aside/src/s3-object-store.ts PutObjectCommand': [ARCHIVE],
  'libs/set-aside/src/dynamodb-index-store.ts PutCommand': [SET_ASIDE_TABLE],
  // The archive knows no budget, and nothing is read back.
  'libs/set-aside/src/dynamodb-index-store.ts UpdateCommand': [],
  'libs/set-aside/src/s3-object-store.ts GetObjectCommand': [],
  'libs/set-aside/src/dynamodb-index-store.ts GetCommand': [],
  'libs/set-aside/src/dynamodb-index-store.ts QueryCommand': [],
};

/** Which rows of set-aside's index such a function may write. For tests. */
export const HOLDING_CONDITION = {
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['archive'] },
};
