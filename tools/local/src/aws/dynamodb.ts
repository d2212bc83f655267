import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { createServer } from 'node:http';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import type { StoppableServer } from './listen.ts';
import { listenOnLoopback } from './listen.ts';
import { startTcpFront } from './tcp-front.ts';

/** A DynamoDB API and which emulator it is. */
export interface LocalDynamodb extends StoppableServer {
  readonly emulator: 'dynoxide' | 'dynalite';
}

const START_ATTEMPTS = 5;
const START_DEADLINE_MILLIS = 5_000;

/** Starts dynoxide where its package is there, else dynalite in process. */
export async function startDynamodb(binary: string | undefined = dynoxideBinary()): Promise<LocalDynamodb> {
  return binary === undefined ? startDynalite() : startDynoxide(binary);
}

/** Where the optional package has put the binary for this platform, if it has. */
export function dynoxideBinary(): string | undefined {
  const packageFile = findPackageJSON.bind(
    undefined,
    `@dynoxide/${process.platform}-${process.arch}`,
    import.meta.url,
  );
  try {
    const file = packageFile();
    const binary = file === undefined ? undefined : join(dirname(file), 'dynoxide');
    return binary !== undefined && existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

async function startDynoxide(binary: string): Promise<LocalDynamodb> {
  for (let attempt = 1; attempt <= START_ATTEMPTS; attempt += 1) {
    // It does not say which port it got for 0; another process may take the free one first, so try again.
    const port = await freePort();
    const child = spawnTied(binary, ['--host', '127.0.0.1', '--port', String(port)]);
    if (await isListening(child)) return fronted('dynoxide', port, () => stop(child));
    await stop(child);
  }
  throw new Error(`dynoxide did not start in ${START_ATTEMPTS} attempts`);
}

/** The tables are in the emulator's memory: it runs on while its callers are refused. */
async function fronted(
  emulator: LocalDynamodb['emulator'],
  port: number,
  end: () => Promise<void>,
): Promise<LocalDynamodb> {
  const front = await startTcpFront(port);
  const close = async (): Promise<void> => {
    await front.close();
    await end();
  };
  return { ...front, emulator, close };
}

/**
 * Runs a program that ends with this process, however that ends: beside it a shell waits for the end
 * of its input, which the kernel closes even after SIGKILL. A group of its own, so that Ctrl-C in
 * the terminal reaches only us, and we stop things in order.
 */
function spawnTied(binary: string, args: readonly string[]): ChildProcess {
  const script =
    'exec 3<&0; "$0" "$@" </dev/null 3<&- & child=$!; (cat <&3 >/dev/null; kill "$child") 2>/dev/null & wait "$child"';
  return spawn('/bin/sh', ['-c', script, binary, ...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

function isListening(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => resolve(false), START_DEADLINE_MILLIS);
    const settle = (listening: boolean): void => {
      clearTimeout(deadline);
      resolve(listening);
    };
    let said = '';
    const onText = (text: unknown): void => {
      said += String(text);
      if (/listening on/i.test(said)) settle(true);
      if (/error|in use|failed/i.test(said)) settle(false);
    };
    child.stdout?.on('data', onText);
    child.stderr?.on('data', onText);
    child.once('error', () => settle(false));
    child.once('exit', () => settle(false));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.stdin?.end();
  const kill = setTimeout(() => killGroup(child), 2_000);
  await exited;
  clearTimeout(kill);
}

function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

/** A port that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = await listenOnLoopback(() => undefined, 0);
  await server.close();
  return Number(new URL(server.url).port);
}

/** Starts dynalite in process. It knows no time to live, no transactions and no old item with a failed condition. */
export async function startDynalite(): Promise<LocalDynamodb> {
  type Dynalite = (options: Record<string, number>) => ReturnType<typeof createServer>;
  const name = 'dynalite';
  const { default: dynalite } = (await import(name)) as { default: Dynalite };
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('dynalite has no port');
  return fronted(
    'dynalite',
    address.port,
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
}
