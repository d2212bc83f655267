import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, LookupFunction, Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { EgressRefusedError, EgressUnavailableError, guardedRequest } from './index.ts';
import type { EgressDeps, GuardedRequest } from './index.ts';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
const serve = async (listener: RequestListener) => `http://127.0.0.1:${await listen(createServer(listener))}`;

const call = (url: string, more: Partial<GuardedRequest> = {}, deps: EgressDeps = { loopback: 'allowed' }) =>
  guardedRequest({ url, method: 'GET', timeoutMillis: 2_000, maxAnswerBytes: 1_000, ...more }, deps);

const failure = async (answer: Promise<unknown>): Promise<Error> =>
  answer.then(
    () => new Error('it was answered'),
    (error: unknown) => error as Error,
  );

/** Answers every name with these addresses, and counts how often it is asked. */
function resolvingTo(...addresses: string[]) {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, _options, callback) => {
    asked.push(hostname);
    const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    callback(null, all);
  };
  return { lookup, asked };
}

describe('the answer', () => {
  test('comes back with status, headers and body, and the receiver got what was sent', async () => {
    const url = await serve((request, response) => {
      void text(request).then((body) => {
        response.setHeader('x-seen', `${request.method} ${request.url} ${String(request.headers['x-a'])}`);
        response.writeHead(201).end(`made ${body}`);
      });
    });
    const answer = await call(`${url}/p?q=1`, { method: 'POST', headers: { 'x-a': 'b' }, body: 'héllo' });
    expect([answer.status, answer.headers['x-seen']]).toEqual([201, 'POST /p?q=1 b']);
    expect(Buffer.from(answer.body).toString()).toBe('made héllo');
  });

  test.each([301, 302, 303, 307, 308])(
    'to a redirect is the redirect: %d is not followed',
    async (status) => {
      const seen: (string | undefined)[] = [];
      const url = await serve((request, response) => {
        seen.push(request.url);
        response.writeHead(status, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
      });
      const answer = await call(`${url}/first`);
      expect([answer.status, answer.headers.location]).toEqual([
        status,
        'http://169.254.169.254/latest/meta-data/',
      ]);
      expect(seen).toEqual(['/first']);
    },
  );

  test('of exactly the largest size is taken, and one byte more is refused', async () => {
    const url = await serve((request, response) => response.end('x'.repeat(Number(request.url?.slice(1)))));
    expect((await call(`${url}/1000`)).body).toHaveLength(1_000);
    await expect(call(`${url}/1001`)).rejects.toThrow('answered with more than 1000 bytes');
    await expect(call(`${url}/1001`)).rejects.toThrow(EgressRefusedError);
  });

  test('that never ends is cut off, and the connection with it', async () => {
    let isClosed = false;
    const url = await serve((request, response) => {
      request.socket.once('close', () => (isClosed = true));
      const writing = setInterval(() => response.write('x'.repeat(400)), 5);
      response.once('close', () => clearInterval(writing));
    });
    await expect(call(url)).rejects.toThrow(EgressRefusedError);
    for (let tries = 0; tries < 50 && !isClosed; tries += 1) await new Promise((go) => setTimeout(go, 10));
    expect(isClosed).toBe(true);
  });
});

describe('a name that resolves to', () => {
  test.each([
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '169.254.170.2',
    '192.0.0.192',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '2002:7f00:1::',
    'fd00:ec2::254',
    'fe80::1',
    'ff02::1',
  ])('%s is refused', async (address) => {
    const error = await failure(call('https://crm.example.com/?key=k1', {}, resolvingTo(address)));
    expect(error).toBeInstanceOf(EgressRefusedError);
    expect(error.message).toContain('crm.example.com does not resolve to the public internet');
  });

  test('a public address and a private one is refused: which one is taken is not ours to say', async () => {
    const deps = resolvingTo('93.184.216.34', '10.0.0.1');
    expect(await failure(call('https://crm.example.com/', {}, deps))).toBeInstanceOf(EgressRefusedError);
  });

  test('loopback is refused even where loopback is allowed: it has to be spelt out', async () => {
    const deps = { ...resolvingTo('127.0.0.1'), loopback: 'allowed' } as const;
    expect(await failure(call('https://crm.example.com/', {}, deps))).toBeInstanceOf(EgressRefusedError);
  });

  test('another address at each question is asked once: what is checked is what is connected to', async () => {
    const { asked, lookup } = resolvingTo('127.0.0.1');
    await failure(call('https://rebinding.example.com/', {}, { lookup }));
    expect(asked).toEqual(['rebinding.example.com']);
  });

  test('a private address behind localhost is refused where loopback is allowed', async () => {
    const deps = { ...resolvingTo('10.0.0.1'), loopback: 'allowed' } as const;
    expect(await failure(call('http://localhost:1/', {}, deps))).toBeInstanceOf(EgressRefusedError);
  });
});

describe('what cannot be', () => {
  test('a URL that the rule refuses is not even looked up', async () => {
    const { asked, lookup } = resolvingTo('93.184.216.34');
    for (const url of [
      'http://crm.example.com/',
      'https://user:k1@crm.example.com/',
      'http://127.0.0.1/?k1',
    ]) {
      const error = await failure(call(url, {}, { lookup }));
      expect(error).toBeInstanceOf(EgressRefusedError);
      expect(error.message).toMatch(/^the URL must /);
    }
    expect(asked).toEqual([]);
  });

  test('a receiver that is silent is unavailable after the time-out, also in the middle of its answer', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/half') response.write('half');
    });
    for (const path of ['/', '/half']) {
      const started = Date.now();
      const error = await failure(call(`${url}${path}`, { timeoutMillis: 100 }));
      expect(error).toBeInstanceOf(EgressUnavailableError);
      expect(error.message).toContain('did not answer within 100 ms');
      expect(Date.now() - started).toBeLessThan(1_500);
    }
  });

  test('a refused or broken connection and an unknown name are unavailable', async () => {
    const url = await serve((request) => request.socket.destroy());
    const unknown: LookupFunction = (_hostname, _options, callback) =>
      callback(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }), []);
    const errors = [
      await failure(call(url)),
      await failure(call('http://127.0.0.1:1/')),
      await failure(call('https://nowhere.example.com/', {}, { lookup: unknown })),
    ];
    expect(errors.map((error) => error instanceof EgressUnavailableError)).toEqual([true, true, true]);
    expect(errors.map(({ message }) => /\((\w+)\)/.exec(message)?.[1])).toEqual([
      'ECONNRESET',
      'ECONNREFUSED',
      'ENOTFOUND',
    ]);
  });

  test('over https nothing is said before TLS is up', async () => {
    const firstBytes = Promise.withResolvers<Buffer>();
    const server = createTcpServer((socket) => {
      socket.once('error', () => undefined);
      socket.once('data', (bytes) => {
        firstBytes.resolve(bytes);
        socket.end('HTTP/1.1 200 OK\r\n\r\n');
      });
    });
    const url = `https://localhost:${await listen(server)}/?key=never-in-the-clear`;
    expect(await failure(call(url, { headers: { authorization: 'never-in-the-clear' } }))).toBeInstanceOf(
      EgressUnavailableError,
    );
    const bytes = await firstBytes.promise;
    expect([bytes[0], bytes.includes('never-in-the-clear')]).toEqual([0x16, false]);
  });

  test('an abort ends the request with the signal’s own reason', async () => {
    const url = await serve(() => undefined);
    const stopping = new AbortController();
    const answer = failure(call(url, { signal: stopping.signal }));
    setTimeout(() => stopping.abort(new Error('enough')), 50);
    expect((await answer).message).toBe('enough');
    await expect(call(url, { signal: stopping.signal })).rejects.toThrow('enough');
  });

  test('a header that cannot be sent is the caller’s own error', async () => {
    const url = await serve((_request, response) => response.end());
    await expect(call(url, { headers: { 'x-a': 'a\nb' } })).rejects.toThrow(
      'Invalid character in header content',
    );
  });

  test('path and query stand in no error, nor does what caused it', async () => {
    const url = await serve((request, response) => {
      if (request.url?.startsWith('/long')) response.end('x'.repeat(2_000));
      else if (request.url?.startsWith('/broken')) request.socket.end('no http k1\r\n\r\n');
    });
    const errors = [
      await failure(call(`${url}/long?k1`)),
      await failure(call(`${url}/broken?k1`)),
      await failure(call(`${url}/silent?k1`, { timeoutMillis: 50 })),
      await failure(call('http://127.0.0.1:1/k1?k1')),
      await failure(call('https://crm.example.com/k1?k1', {}, resolvingTo('10.0.0.1'))),
    ];
    for (const error of errors) {
      expect(error.message).not.toContain('k1');
      expect(error.cause).toBeUndefined();
    }
  });
});
