import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates, TLSSocket, type TlsOptions } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createHttpSend } from './http-send.ts';
import { type OnRequest, startRawServer } from './raw-server.ts';

const execute = promisify(execFile);
const GOOD = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
const good = { status: 200, text: '{}' };

let server: Awaited<ReturnType<typeof startRawServer>> | undefined;
afterEach(() => server?.close());

interface Posting {
  readonly body?: string | Uint8Array;
  readonly millis?: number;
  readonly bodyMillis?: number;
  readonly signal?: AbortSignal;
}

async function startPosting(onRequest: OnRequest, tls?: TlsOptions) {
  server = await startRawServer(onRequest, tls);
  const send = createHttpSend(server.endpoint, 1_000_000);
  const post = async ({ body = '{}', millis = 2_000, bodyMillis, signal }: Posting = {}) => {
    const headers = ['host', 'localhost', 'content-length', String(Buffer.byteLength(body))];
    const answer = await send(
      { timeoutMillis: millis, ...(bodyMillis !== undefined && { bodyMillis }) },
      { method: 'POST', target: '/', headers, body },
      signal,
    );
    return { status: answer.status, text: answer.body.toString() };
  };
  return { post, server };
}

async function firstClosed({ sockets: [socket] }: { readonly sockets: readonly Socket[] }): Promise<void> {
  if (socket && !socket.closed) await once(socket, 'close');
  expect(socket?.closed).toBe(true);
}

test('what arrives is the request, byte for byte', async () => {
  const { post, server } = await startPosting((socket) => socket.write(GOOD));
  await expect(post({ body: 'Grüße' })).resolves.toEqual(good);
  expect(server.requests).toEqual(['POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 7\r\n\r\nGrüße']);
});

test('a connection serves call after call, and calls at the same time have one each', async () => {
  const { post, server } = await startPosting((socket) => socket.write(GOOD));
  for (let n = 0; n < 3; n += 1) await post();
  expect(server.sockets).toHaveLength(1);
  await Promise.all([post(), post(), post()]);
  expect(server.sockets).toHaveLength(3);
});

test('an answer may come in many packets', async () => {
  const { post, server } = await startPosting((socket) => {
    void (async () => {
      for (const byte of GOOD) {
        socket.write(byte);
        await sleep(1);
      }
    })();
  });
  await expect(post()).resolves.toEqual(good);
  await expect(post()).resolves.toEqual(good);
  expect(server.sockets).toHaveLength(1);
});

test.each([
  ['says that it closes', GOOD.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')],
  ['says more than the answer', `${GOOD}HTTP/1.1 500 Late\r\ncontent-length: 0\r\n\r\n`],
])('a connection that %s serves no other call', async (_case, bytes) => {
  const { post, server } = await startPosting((socket) => socket.write(bytes));
  await expect(post()).resolves.toEqual(good);
  await expect(post()).resolves.toEqual(good);
  expect(server.sockets).toHaveLength(2);
});

test('a connection on which something comes that nobody asked for serves no other call', async () => {
  const { post, server } = await startPosting((socket, nth) => {
    socket.write(GOOD);
    if (nth === 0) setTimeout(() => socket.write('HTTP/1.1 500 Nobody\r\ncontent-length: 0\r\n\r\n'), 20);
  });
  await post();
  await firstClosed(server);
  await expect(post()).resolves.toEqual(good);
  expect(server.sockets).toHaveLength(2);
});

test('a connection whose server answers before it has read serves no other call', async () => {
  const { post, server } = await startPosting((socket) => socket.write(GOOD));
  const posting = post({ body: 'a'.repeat(10_000_000) });
  while (server.sockets.length === 0) await sleep(1);
  server.sockets[0]?.pause().write(GOOD);
  await expect(posting).resolves.toEqual(good);
  await expect(post()).resolves.toEqual(good);
  expect(server.sockets).toHaveLength(2);
});

test('an answer that is too large is not read, and its connection serves no other call', async () => {
  const { post, server } = await startPosting((socket, nth) =>
    socket.write(nth === 0 ? 'HTTP/1.1 200 OK\r\ncontent-length: 1000001\r\n\r\n' : GOOD),
  );
  await expect(post()).rejects.toMatchObject({ name: 'AnswerTooLargeError' });
  await firstClosed(server);
  await expect(post()).resolves.toEqual(good);
});

test('what is no HTTP is an error, and the next call has a connection of its own', async () => {
  const { post, server } = await startPosting((socket, nth) =>
    socket.write(nth === 0 ? 'SSH-2.0\r\n\r\n' : GOOD),
  );
  await expect(post()).rejects.toMatchObject({ name: 'MalformedAnswerError' });
  await expect(post()).resolves.toEqual(good);
  expect(server.sockets).toHaveLength(2);
});

test.each([
  ['closes a new connection', (socket) => socket.end()],
  ['closes in the middle of an answer', (socket) => socket.end(GOOD.slice(0, -1))],
  [
    'breaks in the middle of an answer',
    (socket) => socket.write(GOOD.slice(0, -1), () => socket.resetAndDestroy()),
  ],
] satisfies [string, OnRequest][])('a server that %s gives no answer', async (_case, onRequest) => {
  const { post, server } = await startPosting(onRequest);
  await expect(post()).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(server.requests).toHaveLength(1);
});

test.each<[string, OnRequest]>([
  ['ends', (socket) => socket.end()],
  ['breaks', (socket) => socket.resetAndDestroy()],
])(
  "a kept connection that %s under a call is not the call's fault: it goes over a new one",
  async (_case, onSecond) => {
    const { post, server } = await startPosting((socket, nth) => {
      if (nth < 2 || nth > 2) socket.write(GOOD);
      else onSecond(socket, nth);
    });
    await Promise.all([post(), post()]);
    await expect(post()).resolves.toEqual(good);
    expect(server.requests).toHaveLength(4);
    // Its neighbour was idle as long, and is not tried.
    expect(server.sockets).toHaveLength(3);
  },
);

test('a kept connection that breaks in the middle of an answer is an error: the request did arrive', async () => {
  const { post, server } = await startPosting((socket, nth) =>
    nth === 0 ? socket.write(GOOD) : socket.end(GOOD.slice(0, 5)),
  );
  await post();
  await expect(post()).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(server.requests).toHaveLength(2);
});

test('a kept connection that the server closed meanwhile is not used', async () => {
  const { post, server } = await startPosting((socket, nth) =>
    nth === 0 ? socket.end(GOOD) : socket.write(GOOD),
  );
  await post();
  await firstClosed(server);
  await sleep(20);
  await expect(post()).resolves.toEqual(good);
  expect(server.requests).toHaveLength(2);
});

test.each([
  ['silence', () => undefined],
  ['half an answer', (socket) => socket.write(GOOD.slice(0, -1))],
  [
    'an answer that drips',
    (socket) => {
      const dripping = setInterval(() => socket.write('HTTP/1.1 100 Continue\r\n\r\n'), 10);
      socket.on('close', () => clearInterval(dripping));
    },
  ],
] satisfies [string, OnRequest][])('%s ends in time, and its connection too', async (_case, onRequest) => {
  const { post, server } = await startPosting(onRequest);
  await expect(post({ millis: 100 })).rejects.toMatchObject({ name: 'TimeoutError' });
  await firstClosed(server);
});

test('bytes arrive as they are', async () => {
  const { post, server } = await startPosting((socket) => socket.write(GOOD));
  await expect(post({ body: Buffer.from([0, 255, 13, 10, 128]) })).resolves.toEqual(good);
  await expect(post({ body: new Uint8Array() })).resolves.toEqual(good);
  expect(server.bodies).toEqual([Buffer.from([0, 255, 13, 10, 128]), Buffer.of()]);
});

test('a body may have a time of its own, from its first byte on', async () => {
  const { post, server } = await startPosting((socket, nth) => {
    socket.write(GOOD.slice(0, -1));
    if (nth === 0) setTimeout(() => socket.write('}'), 300);
  });
  await expect(post({ millis: 150, bodyMillis: 1_000 })).resolves.toEqual(good);
  await expect(post({ millis: 1_000, bodyMillis: 100 })).rejects.toMatchObject({ name: 'TimeoutError' });
  await firstClosed(server);
});

test('a call that is aborted ends at once, and one that was aborted before is never sent', async () => {
  const { post, server } = await startPosting(() => undefined);
  const abort = new AbortController();
  const posting = post({ signal: abort.signal });
  while (server.requests.length === 0) await sleep(1);
  abort.abort();
  await expect(posting).rejects.toMatchObject({ name: 'AbortError' });
  await expect(post({ signal: abort.signal })).rejects.toMatchObject({ name: 'AbortError' });
  await sleep(20);
  expect(server.requests).toHaveLength(1);
});

test('an abort after the answer changes nothing for the connection', async () => {
  const { post, server } = await startPosting((socket) => socket.write(GOOD));
  const abort = new AbortController();
  await post({ signal: abort.signal });
  abort.abort();
  await post();
  expect(server.sockets).toHaveLength(1);
});

test('more than fifty calls at a time wait for a connection, and are answered', async () => {
  const { post, server } = await startPosting((socket) => setTimeout(() => socket.write(GOOD), 20));
  const answers = await Promise.all(Array.from({ length: 120 }, () => post()));
  expect(answers).toEqual(answers.map(() => good));
  expect(server.sockets).toHaveLength(50);
});

test('a call that waits for a connection heeds its time, and its place goes to the next when connections break', async () => {
  const { post, server } = await startPosting((socket, nth) => {
    if (nth >= 50) socket.write(GOOD);
    else if (nth === 0) setTimeout(() => socket.destroy(), 200);
  });
  const stuck = Promise.allSettled(Array.from({ length: 50 }, () => post({ millis: 1_000 })));
  const late = post({ millis: 100 });
  const next = post();
  await expect(late).rejects.toMatchObject({ name: 'TimeoutError' });
  await expect(next).resolves.toEqual(good);
  expect(server.requests).toHaveLength(51);
  await stuck;
});

test.each(['a\r\nx-amz-target: b', 'a\nb', 'a\0', 'ü'])('%j can be no header', async (value) => {
  const { server } = await startPosting(() => undefined);
  const request = { method: 'GET', target: '/', headers: ['host', value], body: '' };
  const sending = createHttpSend(server.endpoint, 100)({ timeoutMillis: 100 }, request, undefined);
  await expect(sending).rejects.toThrow('host');
  expect(server.sockets).toHaveLength(0);
});

test.each(['/a b', '/a\r\nhost: b', '/ü'])('%j can be no target', async (target) => {
  const { server } = await startPosting(() => undefined);
  const request = { method: 'GET', target, headers: [], body: '' };
  const sending = createHttpSend(server.endpoint, 100)({ timeoutMillis: 100 }, request, undefined);
  await expect(sending).rejects.toThrow('target');
  expect(server.sockets).toHaveLength(0);
});

test("nobody there is told in Node's words", async () => {
  const { post, server } = await startPosting(() => undefined);
  server.close();
  await expect(post()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a connection that is kept does not keep the process', async () => {
  const { server } = await startPosting((socket) => socket.write(GOOD));
  const lib = new URL('http-send.ts', import.meta.url).href;
  const script = `const { createHttpSend } = await import('${lib}');
    const send = createHttpSend(new URL('${server.endpoint.href}'), 100);
    const { body } = await send({ timeoutMillis: 5000 }, { method: 'GET', target: '/', headers: [], body: '' });
    console.log(body.toString());`;
  const ended = execute(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 });
  await expect(ended).resolves.toMatchObject({ stdout: '{}\n' });
});

/** A server's certificate for a name, signed by itself. */
async function certificate(name: string): Promise<{ readonly key: string; readonly cert: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'aftercall-tls-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  await execute('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-keyout', key, '-out', cert],
  ]);
  const pair = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  await rm(directory, { recursive: true });
  return pair;
}

const trusted = getCACertificates('default');
const certificates = Promise.all(['localhost', 'example.com'].map(certificate));
beforeAll(async () => certificates);
afterAll(() => setDefaultCACertificates(trusted));

test('over TLS, with the name in the handshake, and with the session of the connection before', async () => {
  const [own] = await certificates;
  setDefaultCACertificates([...trusted, own?.cert ?? '']);
  const seen: object[] = [];
  const onRequest: OnRequest = (socket) => {
    if (socket instanceof TLSSocket)
      seen.push({
        ...{ name: 'servername' in socket && socket.servername, protocol: socket.alpnProtocol },
        isResumed: socket.isSessionReused(),
      });
    socket.end(GOOD.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'));
  };
  const { post } = await startPosting(onRequest, { ...own, ALPNProtocols: ['h2', 'http/1.1'] });
  await expect(post({ body: 'Grüße' })).resolves.toEqual(good);
  await expect(post()).resolves.toEqual(good);
  const handshake = { name: 'localhost', protocol: 'http/1.1' };
  expect(seen).toEqual([
    { ...handshake, isResumed: false },
    { ...handshake, isResumed: true },
  ]);
});

test('over TLS, bytes arrive as they are, however many', async () => {
  const [own] = await certificates;
  setDefaultCACertificates([...trusted, own?.cert ?? '']);
  const { post, server } = await startPosting((socket) => socket.write(GOOD), { ...own });
  const body = randomBytes(1_000_000);
  for (let n = 0; n < 2; n += 1) await expect(post({ body, millis: 10_000 })).resolves.toEqual(good);
  expect(server.bodies.map((arrived) => arrived.equals(body))).toEqual([true, true]);
  expect(server.sockets).toHaveLength(1);
});

test.each([
  ['that nobody trusts', 0, false, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ['for another name', 1, true, 'ERR_TLS_CERT_ALTNAME_INVALID'],
])('a server with a certificate %s gets no byte of the request', async (_case, index, isTrusted, code) => {
  const own = (await certificates)[index];
  setDefaultCACertificates([...trusted, ...(isTrusted ? [own?.cert ?? ''] : [])]);
  const { post, server } = await startPosting((socket) => socket.write(GOOD), { ...own });
  await expect(post()).rejects.toMatchObject({ code });
  await sleep(50);
  expect(server.requests).toEqual([]);
  for (const { bytesRead } of server.sockets) expect(bytesRead).toBe(0);
});
