import type { AwsCall } from '@aftercall/aws-json';
import type { Fact } from '@aftercall/schemas';
import DataLoader from 'dataloader';

/** As PutEvents has it; `Time` in seconds since the epoch. */
interface PutEventsRequestEntry {
  readonly EventBusName: string;
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  readonly Time: number;
}

interface PutEventsOutput {
  /** What became of each, in their order. */
  readonly Entries?: readonly { readonly ErrorCode?: string }[];
}

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

/** Long enough for the messages of a batch that are worked on side by side, and nothing beside the call itself. */
const GATHER_MILLIS = 5;

/**
 * Publishes facts on the bus and resolves once it has them all. What several callers publish at about the same time
 * shares calls; each of them hears of its own facts only.
 */
export function eventbridgeFacts(call: AwsCall, busName: string) {
  const loader = new DataLoader<PutEventsRequestEntry, void>((entries) => putAll(call, entries), {
    cache: false,
    batchScheduleFn: (send) => setTimeout(send, GATHER_MILLIS),
  });
  return async (facts: readonly Fact[]): Promise<void> => {
    const results = await loader.loadMany(facts.map((fact) => toEntry(fact, busName)));
    const failure = results.find((result) => result instanceof Error);
    if (failure) throw failure;
  };
}

/** @returns for each entry nothing, or why the bus has it not */
async function putAll(call: AwsCall, entries: readonly PutEventsRequestEntry[]): Promise<(void | Error)[]> {
  const results = await Promise.all(requestsOf(entries).map((Entries) => put(call, Entries)));
  return results.flat();
}

async function put(call: AwsCall, Entries: PutEventsRequestEntry[]): Promise<readonly (void | Error)[]> {
  try {
    const { Entries: answers = [] }: PutEventsOutput = await call('PutEvents', { Entries });
    return Entries.map((_entry, index) => {
      const code = answers[index]?.ErrorCode;
      return code === undefined ? undefined : new FactsRefusedError(code);
    });
  } catch (error) {
    const failure = error instanceof Error ? error : new Error('the bus failed', { cause: error });
    return Entries.map(() => failure);
  }
}

const toEntry = (fact: Fact, busName: string): PutEventsRequestEntry => ({
  EventBusName: busName,
  Source: fact.source,
  DetailType: fact.type,
  Detail: JSON.stringify(fact),
  Time: Date.parse(fact.time) / 1_000,
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
const sizeOf = ({ Source, DetailType, Detail }: PutEventsRequestEntry): number =>
  14 + Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
