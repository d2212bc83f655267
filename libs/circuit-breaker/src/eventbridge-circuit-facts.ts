import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { sdkEvents } from '@aftercall/aws-json/sdk-events';
import { eventbridgeFacts } from '@aftercall/facts';

/** A bus that is down hears of nothing, of its own circuit least of all: no invocation waits for it. */
const IMPATIENT = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 1_000, throwOnRequestTimeout: true },
};

/** Tells the bus of circuits, with a client that is not watched. */
export const eventbridgeCircuitFacts = (busName: string) =>
  eventbridgeFacts(sdkEvents(new EventBridgeClient(IMPATIENT)), busName);
