import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { s3SetAside } from './s3-set-aside.ts';

const sockets = new Set<Socket>();
const silent = createServer((socket) => {
  sockets.add(socket.resume());
});
beforeAll(async () => {
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  process.env['AWS_REGION'] = 'eu-west-1';
  process.env['AWS_ACCESS_KEY_ID'] = 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
});

const item = {
  kind: 'quarantine',
  id: 'a'.repeat(64),
  source: 'main',
  reason: 'unreadable',
  body: new TextEncoder().encode('{}'),
  seal: 'v1:k1:AAAA',
} as const;

test.each([
  ['S3', () => s3SetAside('bucket', 'table', () => new Date()).put(item)],
  ['DynamoDB', () => s3SetAside('bucket', 'table', () => new Date()).list({ kind: 'quarantine' })],
])('a silent %s is an error after two tries', async (_service, call) => {
  const before = sockets.size;
  await expect(call()).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(sockets.size - before).toBe(2);
});
