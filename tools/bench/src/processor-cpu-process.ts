// Measures the processor's core from message to completed claim, its ports in memory.
import { createLedger, memoryLedgerStore } from '@aftercall/idempotency';
import type { QueueMessage } from '@aftercall/queue';
import { envelopeBody, type EventEnvelope, readEnvelope, recognise, splitDelivery } from '@aftercall/schemas';
import { checkSeal, parseKeyring, seal } from '@aftercall/signing';
import { cpuMicrosPerCall, cpuMicrosPerStep, type CpuSample } from './cpu-time.ts';
import { signedEvent } from './deliveries.ts';

const CALLS = 10_000;

type Recorded = object;
const bundled = async (file: string): Promise<unknown> => import(new URL(file, import.meta.url).href);
/** An app is no library: its core is reached as a bundle, as everybody outside of it reaches it. */
const { processMessage } = (await bundled('process-message.mjs')) as {
  processMessage(message: QueueMessage, deps: object): Promise<{ readonly outcome: string }>;
};
const { recordEvent } = (await bundled('record-event.mjs')) as {
  recordEvent(envelope: EventEnvelope, deps: object): Promise<Recorded>;
};

interface Conversation {
  readonly conversationId: string;
}
interface Revised {
  readonly conversation: Conversation | undefined;
  readonly revision: number;
}

const now = () => new Date();
const keyring = parseKeyring(
  JSON.stringify({ current: 'k1', keys: { k1: { key: Buffer.alloc(32, 7).toString('base64') } } }),
);
const source = { key: 'main', scheme: 'genesys-webhook', secretName: 'main' } as const;
const conversations = new Map<string, Revised>();
let published = 0;
const recordDeps = {
  readConversation: async (key: string) => conversations.get(key) ?? { conversation: undefined, revision: 0 },
  writeConversation: async (conversation: Conversation, readRevision: number) => {
    conversations.set(conversation.conversationId, { conversation, revision: readRevision + 1 });
    return 'written';
  },
  publish: async (facts: readonly object[]) => void (published += facts.length),
  defaultOrg: 'main',
  sentimentScores: new Map([['negative', -1]]),
  rawPayload: 'dropped',
};
const deps = {
  keyring: { current: async () => keyring, refresh: async () => undefined },
  ledger: createLedger({
    store: memoryLedgerStore(),
    consumer: 'processor',
    now,
    newOwner: () => crypto.randomUUID(),
    retentionSeconds: 70 * 86_400,
  }),
  maxAttempts: 3,
  remainingMillis: () => 10_000,
  now,
  recordEvent: (envelope: EventEnvelope) => recordEvent(envelope, recordDeps),
  splitStoredDelivery: async () => Promise.reject(new Error('no outcome is a stored delivery')),
};

function messageOf(index: number): QueueMessage {
  const recognised = recognise(JSON.parse(signedEvent(index, now()).body), source);
  if (!recognised) throw new Error('the delivery is in no dialect');
  const { events } = splitDelivery(recognised, {
    source,
    deliveryId: 'delivery',
    receivedTime: now(),
    signedId: undefined,
    traceparent: undefined,
    retentionSeconds: 70 * 86_400,
    objectRef: (key) => key,
  });
  const [event] = events;
  if (!event) throw new Error('the delivery holds no event');
  const body = envelopeBody(event.envelope);
  const sealText = seal(body, keyring);
  return {
    messageId: `message-${index}`,
    body,
    groupId: event.envelope.subject,
    seal: sealText,
    attributes: { seal: sealText },
    sentAt: now(),
    receiveCount: 1,
    receiptHandle: 'handle',
  };
}

/** Each event is worked on once, so the warm-up has a half of its own. */
const messages = Array.from({ length: 2 * CALLS }, (_, index) => messageOf(index));
const message = (index: number): QueueMessage => messages[index] ?? messageOf(index);

async function work(index: number): Promise<void> {
  const { outcome } = await processMessage(message(index), deps);
  if (outcome !== 'processed') throw new Error(`a new event became a ${outcome}`);
}

await cpuMicrosPerCall(CALLS, work);
const micros = await cpuMicrosPerCall(CALLS, (index) => work(CALLS + index));
const steps = await cpuMicrosPerStep(CALLS, {
  'check the seal': (index) => checkSeal(message(index).body, message(index).seal, keyring, now()),
  'read the envelope (parse, validate)': (index) => readEnvelope(message(index).body),
});
const sample: CpuSample = { micros, steps };
process.stdout.write(JSON.stringify(sample));
process.exit(published > 0 ? 0 : 1);
