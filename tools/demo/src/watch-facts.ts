import { setTimeout as sleep } from 'node:timers/promises';
import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { DemoClients } from './aws-clients.ts';
import { FACT_TYPES } from './judge-effects.ts';
import type { ObservedFact } from './judge-effects.ts';

/** A consumer of the bus like any other: a rule, a queue, and someone who reads it. */
export interface FactWatch {
  readonly queueUrl: string;
  readonly facts: () => readonly ObservedFact[];
  readonly sawFactOf: (event: { readonly org: string; readonly id: string }) => boolean;
  /** Events of which a fact was seen. */
  readonly events: () => number;
  readonly publications: () => number;
  readonly stop: () => Promise<void>;
}

const NAME = 'aftercall-local-demo-facts';
const READERS = 2;
const WAIT_SECONDS = 1;
const RETRY_MILLIS = 200;

/** What EventBridge puts on a queue, as far as it matters here. */
interface BusEvent {
  readonly id: string;
  readonly detail: {
    readonly id: string;
    readonly org: string;
    readonly type: string;
    readonly subject: string;
  };
}

type Seen = Omit<ObservedFact, 'publications'> & { readonly busIds: Set<string> };

/** Subscribes to the processor's facts and collects them until it is stopped. */
export async function watchFacts(clients: DemoClients, busName: string): Promise<FactWatch> {
  const queueUrl = await subscribe(clients, busName);
  const seen = new Map<string, Seen>();
  const counts = { events: 0, publications: 0 };
  const stopping = new AbortController();
  const take = (message: Message): void => {
    const { id: busId, detail } = JSON.parse(message.Body ?? '') as BusEvent;
    const { id, org, type, subject } = detail;
    const known = seen.get(id);
    const fact = known ?? { id, org, type, conversationId: subject, busIds: new Set<string>() };
    if (known === undefined && type === FACT_TYPES[0]) counts.events += 1;
    // The bus gives every publication an id of its own, so a message that the queue hands out twice counts once.
    if (!fact.busIds.has(busId)) counts.publications += 1;
    fact.busIds.add(busId);
    seen.set(id, fact);
  };
  const readers = Array.from({ length: READERS }, () =>
    read(clients.sqs, { queueUrl, take, signal: stopping.signal }),
  );
  return {
    queueUrl,
    facts: () => [...seen.values()].map(({ busIds, ...fact }) => ({ ...fact, publications: busIds.size })),
    sawFactOf: ({ org, id }) => seen.has(`${org}/${id}/${FACT_TYPES[0]}`),
    events: () => counts.events,
    publications: () => counts.publications,
    stop: async () => {
      stopping.abort();
      await Promise.all(readers);
    },
  };
}

async function subscribe({ sqs, events, sqsUrl }: DemoClients, EventBusName: string): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: NAME }));
  const queueUrl = new URL(new URL(QueueUrl ?? '').pathname, sqsUrl).href;
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
  );
  const EventPattern = JSON.stringify({ source: ['aftercall'], 'detail-type': FACT_TYPES });
  await events.send(new PutRuleCommand({ Name: NAME, EventBusName, EventPattern }));
  const Targets = [{ Id: 'queue', Arn: Attributes?.['QueueArn'] }];
  await events.send(new PutTargetsCommand({ Rule: NAME, EventBusName, Targets }));
  return queueUrl;
}

interface Reading {
  readonly queueUrl: string;
  readonly take: (message: Message) => void;
  readonly signal: AbortSignal;
}

async function read(sqs: SQSClient, { queueUrl: QueueUrl, take, signal }: Reading): Promise<void> {
  while (!signal.aborted) {
    try {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: WAIT_SECONDS }),
        { abortSignal: signal },
      );
      for (const message of Messages) take(message);
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    } catch {
      // What was not read stays on the queue, and a queue that cannot be read shows in the end as facts that are missing.
      await sleep(RETRY_MILLIS, undefined, { signal }).catch(() => undefined);
    }
  }
}
