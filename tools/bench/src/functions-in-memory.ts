// The built ingest and processor in this process, with AWS answered in it too.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sent, type SentEntry } from './answer-aws-in-memory.ts';
import { httpEvent, outcomeBody, SECRET } from './deliveries.ts';

export interface FunctionsInMemory {
  /** Sends one signed delivery of so many outcomes, each of another conversation. @throws Error when it is not accepted */
  deliver(index: number, outcomes?: number): Promise<void>;
  /** What ingest has put on the queue since this was asked last, as the processor gets it. */
  queued(): readonly object[];
  /** Hands messages to the processor. @throws Error when it gives one back */
  work(records: readonly object[]): Promise<void>;
}

type Handler = (event: object, context: object) => Promise<unknown>;

const CONTEXT = { getRemainingTimeInMillis: () => 10_000 };

/** @param apps the folder of the built apps */
export async function loadFunctions(apps: string): Promise<FunctionsInMemory> {
  const load = async (name: string) =>
    ((await import(pathToFileURL(join(apps, name, 'main.mjs')).href)) as { readonly handler: Handler })
      .handler;
  const ingest = await load('ingest');
  const processor = await load('processor');
  return {
    deliver: async (index, outcomes = 1) => {
      const now = new Date();
      const answer = await ingest(
        httpEvent(bodyOf(index, outcomes, now), index, { now, secret: SECRET }),
        CONTEXT,
      );
      expectText(answer, '"statusCode":200');
    },
    queued: () => sent.splice(0).map(recordOf),
    work: async (Records) => expectText(await processor({ Records }, CONTEXT), '"batchItemFailures":[]'),
  };
}

function bodyOf(index: number, outcomes: number, now: Date): string {
  if (outcomes === 1) return outcomeBody(index, now);
  const bodies = Array.from(
    { length: outcomes },
    (_, at) => JSON.parse(outcomeBody(index + at, now)) as Body,
  );
  return JSON.stringify({ ...bodies[0], data: bodies.map(({ data }) => data) });
}

interface Body {
  readonly data: object;
}

function expectText(answer: unknown, text: string): void {
  const told = JSON.stringify(answer) ?? 'nothing';
  if (!told.includes(text)) throw new Error(`a good event was answered with ${told.slice(0, 200)}`);
}

const recordOf = ({ MessageBody, MessageGroupId, MessageAttributes }: SentEntry, index: number) => ({
  ...{ messageId: `message-${index}`, receiptHandle: 'handle', body: MessageBody },
  attributes: { MessageGroupId, SentTimestamp: String(Date.now()), ApproximateReceiveCount: '1' },
  messageAttributes: {
    seal: { stringValue: MessageAttributes.seal.StringValue, dataType: 'String' },
  },
});
