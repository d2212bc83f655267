// Built functions in this process, with AWS answered in it too.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { published, type PublishedEntry, sent, type SentEntry } from './answer-aws-in-memory.ts';
import type { SQSRecord } from 'aws-lambda';
import { batchOf, httpEvent, outcomeBody, SECRET } from './deliveries.ts';
import { recordOf } from './sqs-record.ts';

export interface FunctionsInMemory {
  /** Sends one signed delivery of so many outcomes, each of another conversation. @throws Error when it is not accepted */
  deliver(index: number, outcomes?: number): Promise<void>;
  /** What ingest has put on the queue since this was asked last, as the processor gets it. */
  queued(): readonly SQSRecord[];
  /** What the bus has been told since this was asked last, of that type, as it comes on a queue. */
  facts(type: string): readonly SQSRecord[];
  /** Lets go of what nobody asks for. */
  forget(): void;
  /** Hands messages to a function. @throws Error when it gives one back */
  work(app: string, records: readonly object[]): Promise<void>;
}

type Handler = (event: object, context: object) => Promise<unknown>;

const CONTEXT = { getRemainingTimeInMillis: () => 10_000 };

/** @param apps the folder of the built apps */
export async function loadFunctions(apps: string): Promise<FunctionsInMemory> {
  const handlers = new Map<string, Handler>();
  const handlerOf = async (app: string): Promise<Handler> => {
    const loaded = handlers.get(app);
    if (loaded) return loaded;
    const file = pathToFileURL(join(apps, app, 'main.mjs')).href;
    const { handler } = (await import(file)) as { readonly handler: Handler };
    handlers.set(app, handler);
    return handler;
  };
  const ingest = await handlerOf('ingest');
  return {
    deliver: async (index, outcomes = 1) => {
      const now = new Date();
      const answer = await ingest(
        httpEvent(bodyOf(index, outcomes, now), index, { now, secret: SECRET }),
        CONTEXT,
      );
      expectText(answer, '"statusCode":200');
    },
    queued: () => sent.splice(0).map(sealedRecord),
    facts: (type) =>
      published
        .splice(0)
        .filter(({ DetailType }) => DetailType === type)
        .map(busRecord),
    forget: () => [sent, published].forEach((list) => list.splice(0)),
    work: async (app, Records) => {
      const handler = await handlerOf(app);
      expectText(await handler({ Records }, CONTEXT), '"batchItemFailures":[]');
    },
  };
}

const bodyOf = (index: number, outcomes: number, now: Date): string =>
  outcomes === 1
    ? outcomeBody(index, now)
    : batchOf(
        Array.from({ length: outcomes }, (_, at) => index + at),
        now,
      );

function expectText(answer: unknown, text: string): void {
  const told = JSON.stringify(answer) ?? 'nothing';
  if (!told.includes(text)) throw new Error(`a good event was answered with ${told.slice(0, 200)}`);
}

function sealedRecord({ MessageBody, MessageGroupId, MessageAttributes }: SentEntry): SQSRecord {
  const record = recordOf(MessageBody);
  return {
    ...record,
    attributes: { ...record.attributes, MessageGroupId },
    messageAttributes: { seal: { stringValue: MessageAttributes.seal.StringValue, dataType: 'String' } },
  };
}

const busRecord = ({ DetailType, Source, Detail }: PublishedEntry): SQSRecord =>
  recordOf(
    JSON.stringify({ 'detail-type': DetailType, source: Source, detail: JSON.parse(Detail) as object }),
  );
