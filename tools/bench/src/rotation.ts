import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { sendSteadily, type Statuses, type SteadyResult } from '@aftercall/genesys-simulator';
import type { Benchmark } from './benchmark.ts';
import { onLocalStack, type OwnStack } from './on-local-stack.ts';
import { mainSource } from './peers.ts';
import { repository } from './repository.ts';
import type { Row } from './row.ts';
import { messagesOn } from './stage-queues.ts';

const benchmark = 'rotation';
const AFTERCALL = join(repository, 'tools/cli/bin/aftercall.mjs');
const DELIVERIES_PER_SECOND = 200;
const FORGED_EVERY = 10;
/** A machine on which the load is less has not shown what was asked. */
const MIN_PER_SECOND = 190;
/** Every container has read the secret before it is rotated. */
const BEFORE_SECONDS = 10;
/** As long again as a container of the local stage keeps what it has read. */
const AFTER_SECONDS = 30;

interface RotationRun extends SteadyResult {
  /** What `events.fifo` holds in the end. */
  readonly queued: number;
}

/** A sender that rotates its secret in mid-load, as `aftercall secrets rotate` says, amid forgeries. */
export const rotation: Benchmark = {
  name: benchmark,
  // What comes after ingest knows nothing of senders' secrets, and would only take the machine's time.
  run: async () => ({ rows: rowsOf(await onLocalStack(rotateUnderLoad, { eventSources: 'idle' })) }),
};

async function rotateUnderLoad({ stack, clients, directory }: OwnStack): Promise<RotationRun> {
  const { url, secret: first } = mainSource(stack);
  let secret = first;
  const ending = new AbortController();
  const load = sendSteadily({
    url,
    scheme: 'genesys-webhook',
    secret: () => secret,
    deliveriesPerSecond: DELIVERIES_PER_SECOND,
    forgedEvery: FORGED_EVERY,
    until: ending.signal,
  });
  try {
    await sleep(BEFORE_SECONDS * 1_000);
    secret = await rotated(directory);
    await sleep(AFTER_SECONDS * 1_000);
  } finally {
    ending.abort();
  }
  return { ...(await load), queued: await messagesOn(stack.local.resources.eventsQueueUrl, clients.sqs) };
}

/** Stores a new secret, waits as long as containers may keep the old one, and says what the sender is to sign with. */
async function rotated(cwd: string): Promise<string> {
  const args = [AFTERCALL, 'secrets', 'rotate', 'main', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd });
  return (JSON.parse(stdout) as { readonly secret: string }).secret;
}

function rowsOf({ genuine, forged, seconds, queued }: RotationRun): readonly Row[] {
  const [sent, forgeries] = [total(genuine), total(forged)];
  const row = (measure: string, value: number, unit = ''): Row => ({ benchmark, measure, value, unit });
  const none = { target: { atMost: 0 } };
  return [
    {
      ...row('deliveries per second, one in ten of them forged', (sent + forgeries) / seconds, '/s'),
      target: { atLeast: MIN_PER_SECOND },
    },
    row('genuine deliveries', sent),
    { ...row('· refused', sent - (genuine[200] ?? 0)), ...none },
    { ...row('· accepted, and not on the queue', Math.abs((genuine[200] ?? 0) - queued)), ...none },
    row('forged deliveries', forgeries),
    { ...row('· not answered 401', forgeries - (forged[401] ?? 0)), ...none },
  ];
}

const total = (statuses: Statuses): number => Object.values(statuses).reduce((sum, count) => sum + count, 0);
