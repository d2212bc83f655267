import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from '@jest/globals';
import { secretsManagerCall } from '@aftercall/aws-json/function';
import { sdkSecretsManager } from '@aftercall/aws-json/sdk-secrets-manager';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { StoreCondition } from './memory-secret-store.ts';
import type { VersionStage } from './secret-store.ts';
import type { SecretStore } from './secret-store.ts';
import { secretsManagerSecretStore } from './secretsmanager-secret-store.ts';
import type { StoreHarness } from './store-contract.ts';
import { secretStoreContract } from './store-contract.ts';

interface Harness extends StoreHarness {
  putBinary(name: string): void;
  /** The answer that hangs was hung up on by the client. */
  hungUp(): Promise<void>;
}

type Stored = Record<string, string | Uint8Array | undefined>;

/** Both ways to speak to Secrets Manager, held to the same. */
const WAYS: readonly [string, (endpoint: string) => ClosableStore][] = [
  ['the SDK', throughSdk],
  ['a request signed by hand', byHand],
];

describe.each(WAYS)('Secrets Manager with %s', (title, storeAt) => {
  secretStoreContract(title, () => open(storeAt));

  test('a binary secret has no text', async () => {
    const harness = await open(storeAt);
    harness.putBinary('aftercall/test/a');
    expect(await harness.store.getSecretValue('aftercall/test/a', 'AWSCURRENT')).toBe('');
    await harness.close();
  });

  test('an abort reaches the connection', async () => {
    const harness = await open(storeAt);
    harness.become('hanging');
    const controller = new AbortController();
    const read = harness.store.getSecretValue('aftercall/test/a', 'AWSCURRENT', controller.signal);
    setTimeout(() => controller.abort(), 50);
    await expect(read).rejects.toMatchObject({ name: 'AbortError' });
    await harness.hungUp();
    await harness.close();
  });
});

const local = { region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

interface ClosableStore {
  readonly store: SecretStore;
  destroy(): void;
}

function throughSdk(endpoint: string): ClosableStore {
  const client = new SecretsManagerClient({ ...local, endpoint, maxAttempts: 1 });
  return { store: secretsManagerSecretStore(sdkSecretsManager(client)), destroy: () => client.destroy() };
}

function byHand(endpoint: string): ClosableStore {
  const access = { ...local, endpointOf: () => endpoint };
  const call = secretsManagerCall({ access, timeoutMillis: 5_000, maxAttempts: 1 });
  return { store: secretsManagerSecretStore(call), destroy: () => undefined };
}

/** A server that speaks as much of Secrets Manager's JSON protocol as one read needs. */
async function open(storeAt: (endpoint: string) => ClosableStore): Promise<Harness> {
  const secrets = new Map<string, Stored>();
  const hungUp = Promise.withResolvers<void>();
  let condition: StoreCondition = 'up';
  const server = createServer((request, response) => {
    response.on('close', () => response.writableEnded || hungUp.resolve());
    if (condition === 'hanging') return;
    if (condition === 'down') return void reply(response, 500, { __type: 'InternalServiceError' });
    void answer(request, response, secrets);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { store, destroy } = storeAt(`http://127.0.0.1:${port}`);
  return {
    store,
    put: (name: string, versions: Readonly<Partial<Record<VersionStage, string>>>) =>
      void secrets.set(name, versions),
    putBinary: (name) => void secrets.set(name, { AWSCURRENT: Uint8Array.of(1, 2) }),
    become: (next) => {
      condition = next;
    },
    hungUp: () => hungUp.promise,
    close: async () => {
      destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, secrets: Map<string, Stored>) {
  const { SecretId, VersionStage } = JSON.parse(await text(request));
  if (request.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue') {
    return reply(response, 400, { __type: 'UnknownOperationException' });
  }
  const value = secrets.get(String(SecretId))?.[String(VersionStage)];
  if (value === undefined) {
    const message = "Secrets Manager can't find the specified secret.";
    return reply(response, 400, { __type: 'ResourceNotFoundException', Message: message });
  }
  const named = { Name: SecretId, VersionStages: [VersionStage] };
  if (typeof value === 'string') return reply(response, 200, { ...named, SecretString: value });
  return reply(response, 200, { ...named, SecretBinary: Buffer.from(value).toString('base64') });
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(body));
}
