import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { promisify } from 'node:util';

type Variables = Readonly<Record<string, string>>;

/** Servers that speak TLS in front of those that speak HTTP. */
export interface TlsFront {
  /** The variables with `https` where they had `http`, and with the certificate that makes Node trust it. */
  readonly environment: Variables;
  close(): Promise<void>;
}

/**
 * Puts TLS in front of every HTTP server on this machine that a function's variables name.
 *
 * @throws Error without `openssl`, which makes the certificate
 */
export async function startTlsFront(variables: Variables): Promise<TlsFront> {
  const folder = await mkdtemp(join(tmpdir(), 'aftercall-tls-'));
  const [key, cert] = await makeCertificate(folder);
  const fronts = new Map<string, Server>();
  for (const value of Object.values(variables)) {
    const origin = originOf(value);
    if (origin !== undefined && !fronts.has(origin)) fronts.set(origin, await startFront(origin, key, cert));
  }
  const moved = Object.entries(variables).map(([name, value]) => [name, inFront(value, fronts)] as const);
  return {
    environment: { ...Object.fromEntries(moved), NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem') },
    close: async () => {
      for (const server of fronts.values()) server.close();
      await rm(folder, { recursive: true });
    },
  };
}

const originOf = (text: string): string | undefined => /^http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];

function inFront(value: string, fronts: ReadonlyMap<string, Server>): string {
  const origin = originOf(value);
  const server = origin === undefined ? undefined : fronts.get(origin);
  if (origin === undefined || !server) return value;
  return value.replace(origin, `https://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

async function startFront(origin: string, key: string, cert: string): Promise<Server> {
  const { hostname, port } = new URL(origin);
  const server = createServer({ key, cert, ALPNProtocols: ['http/1.1'] }, (socket) => {
    const behind = connect({ host: hostname, port: Number(port), noDelay: true });
    socket.pipe(behind).pipe(socket);
    // Functions are killed between one start and the next.
    for (const end of [socket, behind])
      end.on('error', () => [socket, behind].forEach((one) => one.destroy()));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

/** Signed by itself, of the kind that AWS's servers have. */
async function makeCertificate(folder: string): Promise<readonly [key: string, cert: string]> {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
  ]);
  return [await readFile(key, 'utf8'), await readFile(cert, 'utf8')];
}
