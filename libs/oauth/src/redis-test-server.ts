import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A real Redis of this machine, on free ports and in a folder of its own. */
export interface RedisTestServer {
  /** Without TLS. */
  readonly url: string;
  /** With TLS, user and password; the certificate is good for this host name alone. */
  readonly tlsUrl: string;
  /** What a client must trust for `tlsUrl`. */
  readonly certificate: string;
  /** Stops it from answering, or lets it answer again; connections stay open. */
  setAnswering(answering: 'answering' | 'frozen'): void;
  close(): Promise<void>;
}

const PASSWORD = 'correct-horse-battery-staple';

/** @throws Error that says what to install when this machine has no Redis */
export async function startRedisTestServer(): Promise<RedisTestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'aftercall-redis-'));
  const certificate = await selfSigned(directory);
  const [port, tlsPort] = [await freePort(), await freePort()];
  const server = spawn('redis-server', ['-']);
  server.stdin.end(`
    port ${port}
    tls-port ${tlsPort}
    bind 127.0.0.1
    tls-cert-file ${join(directory, 'cert.pem')}
    tls-key-file ${join(directory, 'key.pem')}
    tls-auth-clients no
    save ""
    dir ${directory}
    user tokens on >${PASSWORD} ~aftercall:* +@all
  `);
  await ready(server);
  return {
    url: `redis://127.0.0.1:${port}`,
    tlsUrl: `rediss://tokens:${PASSWORD}@localhost:${tlsPort}`,
    certificate,
    setAnswering: (answering) => void server.kill(answering === 'frozen' ? 'SIGSTOP' : 'SIGCONT'),
    close: async () => {
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function selfSigned(directory: string): Promise<string> {
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  await execute('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert],
  ]).catch((error: unknown) => {
    throw new Error('this test makes a certificate with openssl: install it (apt-get install openssl)', {
      cause: error,
    });
  });
  return readFile(cert, 'utf8');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}

function ready(server: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (cause) => {
    const advice = 'this test needs a real Redis: install it (apt-get install redis-server)';
    reject(new Error(advice, { cause }));
  });
  let lastWords = '';
  server.once('exit', (code) => reject(new Error(`redis-server ended with code ${code}: ${lastWords}`)));
  if (server.stdout !== null) {
    createInterface(server.stdout).on('line', (line) => {
      lastWords = line;
      if (line.includes('Ready to accept connections')) resolve();
    });
  }
  return promise;
}
