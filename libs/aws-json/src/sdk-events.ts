import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { AwsCall } from './aws-call.ts';
import { sdkCall } from './sdk-call.ts';

/** Our calls of EventBridge through a client of the SDK. */
export const sdkEvents = (client: EventBridgeClient): AwsCall =>
  sdkCall(client, { PutEvents: PutEventsCommand });
