import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { AwsCall } from './aws-call.ts';
import { sdkCall } from './sdk-call.ts';

/** Our calls of SQS through a client of the SDK. */
export const sdkSqs = (client: SQSClient): AwsCall =>
  sdkCall(client, {
    ChangeMessageVisibility: ChangeMessageVisibilityCommand,
    SendMessage: SendMessageCommand,
    SendMessageBatch: SendMessageBatchCommand,
  });
