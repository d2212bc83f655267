import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { AwsCall } from '@aftercall/aws-json';
import { dynamodbCall } from '@aftercall/aws-json/function';
import { sdkDynamodb } from '@aftercall/aws-json/sdk-dynamodb';
import dynalite from 'dynalite';

/** A DynamoDB API for tests, holding one empty ledger table. */
export interface TestServer {
  /** As functions call it, and through the SDK. */
  readonly calls: Readonly<Record<'signed' | 'sdk', AwsCall>>;
  readonly tableName: string;
  close(): Promise<void>;
}

const DYNOXIDE_STARTS_WITHIN_MILLIS = 10_000;

/** Where the dynoxide binary lies, or `undefined` on a platform that its optional package does not support. */
export const dynoxidePath = findDynoxide();

/** Starts dynoxide, which like DynamoDB sends the old item along with a failed condition. */
export async function startDynoxide(binary: string): Promise<TestServer> {
  const port = await freePort();
  const server = spawn(binary, ['serve', '--port', String(port)], { stdio: 'ignore' });
  const stop = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill();
    await exited;
  };
  await untilListening(port);
  return withLedgerTable(`http://127.0.0.1:${port}`, stop);
}

/** Starts dynalite, which does not send the old item along. */
export async function startDynalite(): Promise<TestServer> {
  const server = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
  const port = await listen(server);
  return withLedgerTable(`http://127.0.0.1:${port}`, () => close(server));
}

async function withLedgerTable(endpoint: string, stop: () => Promise<void>): Promise<TestServer> {
  const tableName = 'aftercall-test-ledger';
  const local = {
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const client = new DynamoDBClient({ ...local, endpoint });
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  return {
    calls: {
      signed: dynamodbCall({
        access: { ...local, endpointOf: () => endpoint },
        ...{ maxAttempts: 1, timeoutMillis: 5_000 },
      }),
      sdk: sdkDynamodb(DynamoDBDocumentClient.from(client)),
    },
    tableName,
    close: async () => {
      client.destroy();
      await stop();
    },
  };
}

function findDynoxide(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide');
  } catch {
    return undefined;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe);
  await close(probe);
  return port;
}

async function untilListening(port: number): Promise<void> {
  const deadline = Date.now() + DYNOXIDE_STARTS_WITHIN_MILLIS;
  while (Date.now() < deadline) {
    const answers = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (answers) return;
    await wait(20);
  }
  throw new Error(`dynoxide did not listen on port ${port} within ${DYNOXIDE_STARTS_WITHIN_MILLIS} ms`);
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await closed;
}
