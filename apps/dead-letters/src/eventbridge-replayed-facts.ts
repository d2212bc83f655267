import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

/** Only the CRM's rule listens to this source; every other consumer has had the fact. */
const REPLAY_SOURCE = 'aftercall.replay';

/** A fact that the bus did not take; publishing it again is safe, its id is the same. */
export class FactRefusedError extends Error {
  override readonly name = 'FactRefusedError';
}

/**
 * Makes the function that tells the CRM of a fact once more, from the body of its dead letter: the event as EventBridge
 * had it.
 *
 * @throws FactRefusedError
 */
export function eventbridgeReplayedFacts(client: EventBridgeClient, busName: string) {
  return async (body: string): Promise<void> => {
    const event: unknown = JSON.parse(body);
    const fact = hasDetail(event) ? event.detail : event;
    const entry = {
      EventBusName: busName,
      Source: REPLAY_SOURCE,
      DetailType: typeOf(fact),
      Detail: JSON.stringify(fact),
    };
    const { Entries: [answer] = [] } = await client.send(new PutEventsCommand({ Entries: [entry] }));
    if (answer?.ErrorCode !== undefined)
      throw new FactRefusedError(`the bus refused the fact: ${answer.ErrorCode}`);
  };
}

const hasDetail = (event: unknown): event is { readonly detail: unknown } =>
  typeof event === 'object' && event !== null && 'detail' in event;

function typeOf(fact: unknown): string {
  if (typeof fact === 'object' && fact !== null && 'type' in fact && typeof fact.type === 'string')
    return fact.type;
  throw new FactRefusedError('the dead letter holds no fact');
}
