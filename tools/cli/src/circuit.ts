import { userInfo } from 'node:os';
import { sdkSsm } from '@aftercall/aws-json/sdk-ssm';
import {
  changeCircuits,
  type CircuitsStore,
  readCircuits,
  ssmSharedCircuits,
  withoutCircuit,
} from '@aftercall/circuit-breaker';
import { failure, messageOf, usage } from './cli-error.ts';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import { shortTime, table } from './readable.ts';

/** How long a container may go by what it read before. */
const CACHE_SECONDS = 15;
const DOWNSTREAM = /^[a-z0-9][a-z0-9/-]{0,63}$/;
const MAX_REASON_CHARACTERS = 256;

/** Lists the circuits that are open. Exit code 1 when the document cannot be read. */
export async function circuitStatus(context: CommandContext): Promise<ExitCode> {
  return withStore(context, async (store) => {
    const read = readCircuits(await store.read());
    if (read.outcome === 'unreadable')
      throw failure(
        `the parameter of open circuits cannot be read (${read.detail}): the functions take it as nothing shared`,
        'write it anew with `npx aftercall circuit close NAME --reason TEXT`',
      );
    const open = Object.entries(read.circuits).map(([downstream, opening]) => ({ downstream, ...opening }));
    say(context, { open }, () => readable(open, context));
    return 0;
  });
}

/** Opens a circuit until it is closed by hand: what needs the downstream is held, and later archived. */
export async function openCircuit(
  downstream: string,
  { reason }: { reason: string },
  context: CommandContext,
): Promise<ExitCode> {
  checkRequest(downstream, reason);
  const opening = {
    openedAt: context.now().toISOString(),
    openedBy: userInfo().username.slice(0, 128),
    mode: 'manual',
    reason,
  } as const;
  return withStore(context, async (store) => {
    if (!context.options.dryRun)
      await changeCircuits(store, (circuits) => ({ ...circuits, [downstream]: opening }));
    const done = context.options.dryRun ? 'would open' : 'opened';
    say(
      context,
      { result: done, downstream, ...opening },
      () => `${done} the circuit of ${downstream}; functions hear of it within ${CACHE_SECONDS} s`,
    );
    return 0;
  });
}

/** Closes a circuit, whoever opened it. Closing one that is not open is no error, and repairs a document that cannot be read. */
export async function closeCircuit(
  downstream: string,
  { reason }: { reason: string },
  context: CommandContext,
): Promise<ExitCode> {
  checkRequest(downstream, reason);
  return withStore(context, async (store) => {
    const read = readCircuits(await store.read());
    const wasOpen = read.outcome === 'read' && Object.hasOwn(read.circuits, downstream);
    if (!context.options.dryRun)
      await changeCircuits(store, (circuits) => withoutCircuit(circuits, downstream));
    const done = context.options.dryRun ? 'would close' : 'closed';
    say(context, { result: done, downstream, wasOpen, reason }, () =>
      wasOpen
        ? `${done} the circuit of ${downstream}; functions hear of it within ${CACHE_SECONDS} s`
        : `the circuit of ${downstream} was not open`,
    );
    return 0;
  });
}

function checkRequest(downstream: string, reason: string): void {
  if (!DOWNSTREAM.test(downstream))
    throw usage('that is no name of a downstream', 'such as dynamodb, events, s3, sqs or genesys/main');
  if (reason.trim() === '' || reason.length > MAX_REASON_CHARACTERS)
    throw usage(`--reason takes 1 to ${MAX_REASON_CHARACTERS} characters`);
}

async function withStore(
  context: CommandContext,
  run: (store: CircuitsStore) => Promise<ExitCode>,
): Promise<ExitCode> {
  const access = await context.connect();
  const store = ssmSharedCircuits(sdkSsm(access.clients.ssm), access.resources.circuitsParameter);
  const reached = <T>(call: Promise<T>): Promise<T> =>
    call.catch((error: unknown) => {
      throw failure(
        `the Parameter Store cannot be reached: ${messageOf(error)}`,
        'the functions go by what they knew last',
      );
    });
  try {
    return await run({
      read: () => reached(store.read()),
      write: (text) => reached(store.write(text)),
    });
  } finally {
    access.close();
  }
}

const COLUMNS = [
  { title: 'downstream', maxCharacters: 20 },
  { title: 'since', maxCharacters: 20 },
  { title: 'mode', maxCharacters: 9 },
  { title: 'by', maxCharacters: 18 },
  { title: 'reason', maxCharacters: 30 },
];

interface Open {
  readonly downstream: string;
  readonly openedAt: string;
  readonly mode: string;
  readonly openedBy: string;
  readonly reason: string;
}

function readable(open: readonly Open[], { colors }: CommandContext): string {
  if (open.length === 0) return 'every circuit is closed';
  const rows = open.map(({ downstream, openedAt, mode, openedBy, reason }) => [
    downstream,
    shortTime(openedAt),
    mode,
    openedBy,
    reason,
  ]);
  return table(COLUMNS, rows, colors);
}
