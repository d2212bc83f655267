import { Command, InvalidArgumentError } from 'commander';
import { resolve } from 'node:path';
import pc from 'picocolors';
import { listenOnLoopback } from './aws/listen.ts';
import { appsOf, appsToBuild, buildApps } from './build-apps.ts';
import { readLocalJson, StackRunningError } from './local-json.ts';
import { startStack } from './start-stack.ts';
import type { Stack } from './start-stack.ts';
import { watchApps } from './watch-apps.ts';
import { welcome } from './welcome.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
/** Taken when it is free and no other is asked for. */
const USUAL_PORT = 8787;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const command = new Command('npm start --')
  .description('Runs Aftercall on this machine: an AWS, the functions, the way in.')
  .option(
    '--port <port>',
    `where deliveries are taken (default: ${USUAL_PORT} if it is free, else a free one)`,
    parsePort,
  )
  .parse();

try {
  await main(command.opts<{ port?: number }>());
} catch (error) {
  process.stderr.write(
    `${pc.red('not started')}: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
}

async function main({ port }: { port?: number }): Promise<void> {
  const startedMillis = Date.now();
  await refuseSecondStart();
  const apps = appsOf(ROOT);
  await buildWhatIsNotBuilt(apps);

  const interrupted = onFirstSignal();
  const starting = startStack({
    directory: ROOT,
    httpPort: port ?? (await usualPort()),
    print: say,
    ...(process.env['AFTERCALL_AWS_ENDPOINT'] && { awsEndpoint: process.env['AFTERCALL_AWS_ENDPOINT'] }),
  });
  const stack = await starting;
  void interrupted.then(() => stack.stop());
  announce(stack, startedMillis);
  const endWatching = watchApps({
    root: ROOT,
    apps,
    say,
    build: (changed) => buildApps(ROOT, changed),
    reload: stack.reload,
  });
  await stack.stopped;
  endWatching();
  say('stopped');
  // A build may still be under way; nothing of it is needed.
  process.exit(0);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('a number from 0 to 65535 is wanted');
}

/** Said before anything is built. `startStack` makes sure of it again. */
async function refuseSecondStart(): Promise<void> {
  const running = readLocalJson(ROOT);
  if (!running) return;
  const answer = await fetch(`${running.control}/`, { signal: AbortSignal.timeout(2_000) }).catch(
    () => undefined,
  );
  if (answer?.ok) throw new StackRunningError(running.pid, ROOT);
}

async function buildWhatIsNotBuilt(apps: readonly string[]): Promise<void> {
  const stale = appsToBuild(ROOT, apps);
  if (stale.length === 0) return;
  say(`building ${stale.join(', ')} …`);
  const result = await buildApps(ROOT, stale);
  if (result.outcome === 'failed') throw new Error(`the build failed\n${result.output}`);
}

async function usualPort(): Promise<number> {
  try {
    await (await listenOnLoopback(() => undefined, USUAL_PORT)).close();
    return USUAL_PORT;
  } catch {
    return 0;
  }
}

/** The first signal stops in order, also while still starting; the second one ends the process at once. */
function onFirstSignal(): Promise<void> {
  return new Promise((settle) => {
    let isFirst = true;
    const onSignal = (): void => {
      if (!isFirst) process.exit(130);
      isFirst = false;
      settle();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}

function announce(stack: Stack, startedMillis: number): void {
  say(welcome(stack));
  // Plain text: other programs wait for a line that begins so.
  say(`ready ${stack.local.http} in ${((Date.now() - startedMillis) / 1000).toFixed(1)} s (Ctrl-C stops)`);
}
