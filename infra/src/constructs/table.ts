import { DynamodbTable } from '@cdktn/provider-aws/lib/dynamodb-table/index.js';
import type { Construct } from 'constructs';
import { stageKeyArn } from './stage-key.ts';

/** What one table differs in from another. */
export interface TableProps {
  readonly name: string;
  readonly hashKey: string;
  readonly rangeKey?: string;
  /** Holds epoch seconds; DynamoDB deletes the item some time after them. */
  readonly timeToLiveAttribute?: string;
  readonly stageName: string;
}

/** A table on demand, encrypted, with point-in-time recovery; it cannot be deleted by accident except on a laptop. */
export function table(scope: Construct, id: string, props: TableProps): DynamodbTable {
  const { name, hashKey, rangeKey, timeToLiveAttribute } = props;
  const kmsKeyArn = stageKeyArn(scope);
  const keys = rangeKey ? [hashKey, rangeKey] : [hashKey];
  return new DynamodbTable(scope, id, {
    name,
    billingMode: 'PAY_PER_REQUEST',
    hashKey,
    ...(rangeKey && { rangeKey }),
    attribute: keys.map((key) => ({ name: key, type: 'S' })),
    ...(timeToLiveAttribute && { ttl: { attributeName: timeToLiveAttribute, enabled: true } }),
    pointInTimeRecovery: { enabled: true },
    serverSideEncryption: { enabled: true, ...(kmsKeyArn !== undefined && { kmsKeyArn }) },
    deletionProtectionEnabled: props.stageName !== 'local',
  });
}
