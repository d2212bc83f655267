import {
  BatchGetCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { AwsCall } from './aws-call.ts';
import { sdkCall } from './sdk-call.ts';

/** Our calls of DynamoDB through a client of the SDK. */
export const sdkDynamodb = (client: DynamoDBDocumentClient): AwsCall =>
  sdkCall(client, {
    BatchGetItem: BatchGetCommand,
    DeleteItem: DeleteCommand,
    GetItem: GetCommand,
    PutItem: PutCommand,
    UpdateItem: UpdateCommand,
  });
