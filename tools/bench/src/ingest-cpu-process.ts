// Measures ingest's handler, wired as its `main.ts` wires it, but for the clients.
import { createEnqueue, type QueueEntry } from '@aftercall/queue';
import {
  deliveryId,
  envelopeBody,
  type EventEnvelope,
  messageDeduplicationId,
  messageGroupId,
  parseJson,
  recognise,
  splitDelivery,
} from '@aftercall/schemas';
import { createSecrets, memorySecretStore, parsedSecret } from '@aftercall/secrets';
import { parseKeyring, schemeOf, seal, verifyDelivery } from '@aftercall/signing';
import { createLogger, createMetrics, traceparentOf } from '@aftercall/telemetry';
import { cpuMicrosPerCall, cpuMicrosPerStep, type CpuSample } from './cpu-time.ts';
import { SECRET, type SignedEvent, signedEvent } from './deliveries.ts';

const CALLS = 10_000;
/**
 * So many different deliveries take turns: nothing can be remembered from the last one, and they stay in the
 * processor's cache, where a request that was just read is too.
 */
const DIFFERENT = 100;
const RETENTION_SECONDS = 70 * 86_400;

interface Answer {
  readonly statusCode?: number;
}
/** An app is no library: its core is reached as a bundle, as everybody outside of it reaches it. */
const load = (file: string): Promise<unknown> => import(new URL(file, import.meta.url).href);
const { createHandler } = (await load('handler.mjs')) as {
  createHandler(deps: object): (event: SignedEvent) => Promise<Answer>;
};
const { startDeadline } = (await load('deadline.mjs')) as {
  startDeadline(milliseconds: number): { readonly signal: AbortSignal; end(): void };
};
const { ingest } = (await load('core.mjs')) as {
  ingest(request: object, deps: object): Promise<{ readonly outcome: string }>;
};

const now = () => new Date();
const store = memorySecretStore();
store.put('main', { AWSCURRENT: SECRET });
const keyringText = JSON.stringify({
  current: 'k1',
  keys: { k1: { key: Buffer.alloc(32, 7).toString('base64') } },
});
store.put('sealing', { AWSCURRENT: keyringText });
const secrets = createSecrets({
  store,
  now,
  random: Math.random,
  ttlSeconds: 300,
  refreshIntervalSeconds: 3,
  maxStaleSeconds: 86_400,
});
const keyring = parseKeyring(keyringText);
const source = { key: 'main', scheme: 'genesys-webhook', secretName: 'main' } as const;
const objectRef = (key: string) => `s3://deliveries/${key}`;

let bytesOut = 0;
const write = (line: string) => void (bytesOut += line.length);
const log = createLogger({ function: 'ingest', level: 'info', destination: { write } });
const metrics = createMetrics({ function: 'ingest', write, now });
const enqueue = createEnqueue(async () => []);
const uncalled = async () => Promise.reject(new Error('a good delivery has no business here'));

const deps = {
  sources: new Map([[source.key, source]]),
  webhookSecret: undefined,
  retentionSeconds: RETENTION_SECONDS,
  quarantineDailyBytes: 100 * 1024 * 1024,
  secrets,
  sealingKeyring: parsedSecret(secrets, 'sealing', parseKeyring).current,
  enqueue,
  storeObject: uncalled,
  objectRef,
  quarantine: uncalled,
  startDeadline,
  traceparent: (header: string | undefined) => traceparentOf(header, Math.random),
  log,
  metrics,
  now,
};
const handler = createHandler(deps);

function different<T>(make: (index: number) => T): (index: number) => T {
  const made = Array.from({ length: DIFFERENT }, (_, index) => make(index));
  return (index) => made[index % DIFFERENT] as T;
}

const eventOf = different((index) => signedEvent(index, now()));
const deliveryOf = different((index) => ({
  headers: eventOf(index).headers,
  body: Buffer.from(eventOf(index).body),
}));
const parsedOf = different((index): unknown => JSON.parse(eventOf(index).body));
const envelopeOf = different((index) => split(index).envelope);
const bodyOf = different((index) => envelopeBody(envelopeOf(index)));
const entryOf = different((index): readonly QueueEntry[] => [entry(index)]);

function split(index: number): { readonly envelope: EventEnvelope } {
  const recognised = recognise(parsedOf(index), source);
  const { events } = splitDelivery(recognised ?? { dialect: 'analytics-webhook', items: [] }, {
    source,
    deliveryId: 'delivery',
    receivedTime: now(),
    signedId: undefined,
    traceparent: undefined,
    retentionSeconds: RETENTION_SECONDS,
    objectRef,
  });
  const [event] = events;
  if (!event) throw new Error('the delivery holds no event');
  return event;
}

function entry(index: number): QueueEntry {
  const body = bodyOf(index);
  return { ...queueIds(envelopeOf(index)), body, attributes: { seal: seal(body, keyring) } };
}

function queueIds(envelope: EventEnvelope) {
  return {
    groupId: messageGroupId(envelope.org, envelope.subject),
    deduplicationId: messageDeduplicationId(envelope, ''),
  };
}

async function handle(index: number): Promise<void> {
  const event = eventOf(index);
  event.requestContext.timeEpoch = Date.now();
  const { statusCode } = await handler(event);
  if (statusCode !== 200) throw new Error(`a good delivery was answered ${String(statusCode)}`);
}

const { signal } = new AbortController();
const traceparent = '00-00000000000000000000000000000001-0000000000000001-01';

async function core(index: number): Promise<void> {
  const { outcome } = await ingest({ ...deliveryOf(index), sourceKey: 'main', traceparent, signal }, deps);
  if (outcome !== 'accepted') throw new Error(`a good delivery is ${outcome}`);
}

function report(index: number): void {
  const durationMs = index % 10;
  const answer = { result: 'accepted', deliveryId: 'a'.repeat(64), events: 1, refused: 0, skipped: 0 };
  log.info({ requestId: `request-${index}`, source: 'main', ...answer, bytes: 2000, durationMs }, 'delivery');
  metrics.millis('AckLatency', durationMs);
  metrics.count('Accepted', 1, { Source: 'main' });
  metrics.flush();
}

await cpuMicrosPerCall(CALLS, handle);
const micros = await cpuMicrosPerCall(CALLS, handle);
const scheme = schemeOf(source.scheme);
const steps = await cpuMicrosPerStep(CALLS, {
  'deadline and traceparent': () => {
    startDeadline(2_500).end();
    return traceparentOf(undefined, Math.random);
  },
  verify: (index) => verifyDelivery(deliveryOf(index), scheme, [SECRET], now()),
  'delivery id': (index) => deliveryId('main', deliveryOf(index).body),
  parse: (index) => parseJson(deliveryOf(index).body),
  'validate and split': split,
  serialise: (index) => envelopeBody(envelopeOf(index)),
  'queue ids': (index) => queueIds(envelopeOf(index)),
  seal: (index) => seal(bodyOf(index), keyring),
  'enqueue (batching)': (index) => enqueue(entryOf(index)),
  'log and metrics': report,
});
await cpuMicrosPerCall(CALLS, core);
const sample: CpuSample = { micros, coreMicros: await cpuMicrosPerCall(CALLS, core), steps };
if (bytesOut === 0) throw new Error('nothing was logged');
process.stdout.write(JSON.stringify(sample));
