import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import type { Fact } from '@aftercall/schemas';

const MAX_ENTRIES = 10;
/** A PutEvents request as a whole, which is also the most one entry may be. */
const MAX_REQUEST_BYTES = 1024 * 1024;

/** A bus that took only some entries: publish all again, their ids are the same. */
export class FactsRefusedError extends Error {
  override readonly name = 'FactsRefusedError';
  readonly code: string;

  constructor(code: string) {
    super(`the bus refused an entry: ${code}`);
    this.code = code;
  }
}

/** Publishes facts on the bus and resolves once it has them all. */
export function eventbridgeFacts(client: EventBridgeClient, busName: string) {
  return async (facts: readonly Fact[]): Promise<void> => {
    for (const Entries of requestsOf(facts.map((fact) => toEntry(fact, busName)))) {
      const answer = await client.send(new PutEventsCommand({ Entries }));
      const refused = answer.Entries?.find(({ ErrorCode }) => ErrorCode !== undefined);
      if (refused) throw new FactsRefusedError(refused.ErrorCode ?? 'unknown');
    }
  };
}

const toEntry = (fact: Fact, busName: string): PutEventsRequestEntry => ({
  EventBusName: busName,
  Source: fact.source,
  DetailType: fact.type,
  Detail: JSON.stringify(fact),
  Time: new Date(fact.time),
});

function requestsOf(entries: readonly PutEventsRequestEntry[]): PutEventsRequestEntry[][] {
  const requests: PutEventsRequestEntry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = sizeOf(entry);
    const open = requests.at(-1);
    if (open && open.length < MAX_ENTRIES && bytes + size <= MAX_REQUEST_BYTES) {
      open.push(entry);
      bytes += size;
    } else {
      requests.push([entry]);
      bytes = size;
    }
  }
  return requests;
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
const sizeOf = ({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number =>
  14 + Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
