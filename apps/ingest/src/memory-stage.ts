import type { QueueEntry } from '@aftercall/queue';
import type { Source } from '@aftercall/schemas';
import { createSecrets, memorySecretStore, parsedSecret } from '@aftercall/secrets';
import type { SetAsideItem } from '@aftercall/set-aside';
import { parseKeyring, schemeOf, signDelivery } from '@aftercall/signing';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Answer } from './answer.ts';
import { createHandler, type HandlerDeps } from './handler.ts';
import { startDeadline } from './start-deadline.ts';

export const SECRET = 'correct-horse-battery-staple-0123';
const KEYRING = JSON.stringify({
  current: 'k1',
  keys: { k1: { key: Buffer.alloc(32, 7).toString('base64') } },
});
export const keyring = parseKeyring(KEYRING);

const source = (key: string, scheme: Source['scheme']): [string, Source] => [
  key,
  { key, scheme, secretName: `sources/${key}` },
];

/** Ingest with everything around it in memory, its clock in the test's hand. */
export function memoryStage(changes: Partial<HandlerDeps> = {}) {
  const clock = { now: new Date('2026-11-20T14:05:01.310Z') };
  const now = () => clock.now;
  const store = memorySecretStore();
  for (const key of ['main', 'messaging', 'relay']) store.put(`sources/${key}`, { AWSCURRENT: SECRET });
  store.put('sealing', { AWSCURRENT: KEYRING });
  const limits = { ttlSeconds: 300, refreshIntervalSeconds: 10, maxStaleSeconds: 3600 };
  const secrets = createSecrets({ store, now, random: () => 1, ...limits });

  const queued: QueueEntry[] = [];
  const stored = new Map<string, Uint8Array | string>();
  const quarantined: SetAsideItem[] = [];
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const handler = createHandler({
    sources: new Map([
      source('main', 'genesys-webhook'),
      source('messaging', 'open-messaging'),
      source('relay', 'standard-webhooks'),
    ]),
    webhookSecret: undefined,
    retentionSeconds: 70 * 86_400,
    quarantineDailyBytes: 1_000_000,
    secrets,
    sealingKeyring: parsedSecret(secrets, 'sealing', parseKeyring).current,
    enqueue: async (entries) => void queued.push(...entries),
    storeObject: async (key, body) => void stored.set(key, body),
    objectRef: (key) => `s3://deliveries/${key}`,
    quarantine: async (item) => void quarantined.push(item),
    startDeadline,
    traceparent: () => '00-00000000000000000000000000000001-0000000000000001-01',
    log: createLogger({ function: 'ingest', destination: { write } }),
    metrics: createMetrics({ function: 'ingest', write, now }),
    now,
    ...changes,
  });
  return { handler, clock, store, queued, stored, quarantined, lines };
}

interface Request {
  readonly source: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeEpoch: number;
  readonly isBase64Encoded: boolean;
}

/** A request as an HTTP API hands it over, rightly signed unless the test says otherwise. */
export function signedEvent(
  body: string | Uint8Array,
  changes: Partial<Request> = {},
): APIGatewayProxyEventV2 {
  const bytes = Buffer.from(body);
  const signature = signDelivery(bytes, schemeOf('genesys-webhook'), SECRET, { id: 'msg', now: new Date() });
  const {
    source: key,
    method,
    headers,
    timeEpoch,
    isBase64Encoded,
  } = {
    source: 'main',
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signature },
    timeEpoch: Date.parse('2026-11-20T14:05:01.300Z'),
    isBase64Encoded: false,
    ...changes,
  };
  const path = `/webhooks/${key}`;
  return {
    version: '2.0',
    routeKey: 'POST /webhooks/{source}',
    rawPath: path,
    rawQueryString: '',
    headers,
    pathParameters: { source: key },
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      domainName: 'localhost',
      domainPrefix: 'localhost',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId: 'req-1',
      routeKey: 'POST /webhooks/{source}',
      stage: '$default',
      time: '20/Nov/2026:14:05:01 +0000',
      timeEpoch,
    },
    body: bytes.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  };
}

/** The answer's status and its body as a value. */
export const read = ({ statusCode, body }: Answer): { status: number | undefined; body: unknown } => ({
  status: statusCode,
  body: JSON.parse(body ?? 'null'),
});
