import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  EgressRefusedError,
  EgressUnavailableError,
  type GuardedDownload,
  guardedDownload,
} from './index.ts';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const download = (url: string, more: Partial<GuardedDownload> = {}) =>
  guardedDownload({ url, timeoutMillis: 200, maxAnswerBytes: 1_000, ...more }, { loopback: 'allowed' });

async function read(url: string, more: Partial<GuardedDownload> = {}): Promise<string> {
  const { body, drop } = await download(url, more);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  drop();
  return Buffer.concat(chunks).toString();
}

describe('a download', () => {
  test('comes piece by piece, with its status and headers', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(206, { 'x-a': 'b' }).write('first');
      setTimeout(() => response.end('last'), 50);
    });
    const answer = await download(url);
    expect([answer.status, answer.headers['x-a']]).toEqual([206, 'b']);
    const chunks: string[] = [];
    for await (const chunk of answer.body) chunks.push(Buffer.from(chunk).toString());
    expect(chunks).toEqual(['first', 'last']);
  });

  test('that leads elsewhere is not followed', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    });
    const { status, drop } = await download(url);
    drop();
    expect(status).toBe(302);
  });

  test('of exactly the largest size is taken, and one byte more is refused', async () => {
    const url = await serve((request, response) => {
      response.write('x');
      response.end('x'.repeat(Number(request.url?.slice(1)) - 1));
    });
    expect(await read(`${url}/1000`)).toHaveLength(1_000);
    await expect(read(`${url}/1001`)).rejects.toThrow('answered with more than 1000 bytes');
  });

  test('that announces too much is refused before any of it is read, and its connection closed', async () => {
    let closed: () => void = () => undefined;
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    const url = await serve((request, response) => {
      request.socket.once('close', closed);
      response.writeHead(200, { 'content-length': '500000000000' }).write('x');
    });
    await expect(download(url)).rejects.toThrow(EgressRefusedError);
    await isClosed;
  });

  test.each(['http://127.0.0.1:1/', 'https://10.0.0.1/', 'https://169.254.169.254/', 'ftp://example.com/'])(
    'from %s is not begun',
    async (url) => {
      const downloading = guardedDownload({ url, timeoutMillis: 100, maxAnswerBytes: 1 });
      await expect(downloading).rejects.toThrow(EgressRefusedError);
    },
  );
});

describe('a sender that', () => {
  test('never begins is given up', async () => {
    const url = await serve(() => undefined);
    await expect(download(`${url}/?secret`)).rejects.toThrow('sent nothing for 200 ms');
  });

  test('stops in the middle is given up', async () => {
    const url = await serve((_request, response) => void response.write('half'));
    await expect(read(url)).rejects.toThrow(EgressUnavailableError);
  });

  test('breaks off is unavailable, and the URL stands in no error', async () => {
    const url = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('half', () => request.socket.destroy());
    });
    const failure = await read(`${url}/path?secret`).catch((error: unknown) => error as Error);
    expect(failure).toBeInstanceOf(EgressUnavailableError);
    expect(String(failure)).not.toMatch(/path|secret/);
  });

  test('is not blamed for a reader that takes its time', async () => {
    const url = await serve((_request, response) => {
      response.write('first');
      setTimeout(() => response.end('last'), 20);
    });
    const { body } = await download(url, { timeoutMillis: 100 });
    let text = '';
    for await (const chunk of body) {
      await sleep(150);
      text += Buffer.from(chunk).toString();
    }
    expect(text).toBe('firstlast');
  });
});

test('an abort ends the download with its own reason, before and in the middle', async () => {
  const url = await serve((_request, response) => void response.write('half'));
  const reason = new Error('no time left');
  await expect(download(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 50);
  await expect(read(url, { signal: controller.signal, timeoutMillis: 5_000 })).rejects.toBe(reason);
});

test('a reader who has enough closes the connection', async () => {
  let closed: () => void = () => undefined;
  const isClosed = new Promise<void>((resolve) => (closed = resolve));
  const url = await serve((request, response) => {
    request.socket.once('close', closed);
    response.write('half');
  });
  const { body } = await download(url);
  for await (const _chunk of body) break;
  await isClosed;
});
