import { type PlannedDelivery, type RetryPolicy, WEBHOOK_RETRY_POLICY } from '@aftercall/genesys-simulator';
import type { LoadCode } from './function-code.ts';
import { sendInVirtualTime } from './sender.ts';
import { type Fault, readSinks, type Sinks } from './sinks.ts';
import { replayDeadLetters } from './replay-dead-letters.ts';
import { without } from './suite.ts';
import { NEVER_LOGGED } from './virtual-services.ts';
import {
  type StageOptions,
  type StageParts,
  START,
  startVirtualStage,
  type VirtualStage,
} from './virtual-stage.ts';

/** Everything that runs: the functions, what surrounds them, and the sender. */
export interface Suite extends StageParts {
  readonly sender: LoadCode;
}

export interface RunInput extends StageOptions {
  readonly traffic: readonly PlannedDelivery[];
  readonly retry?: RetryPolicy;
  /** Deliveries at a time. */
  readonly concurrency?: number;
  readonly secondsBetweenDeliveries?: number;
  readonly againAfterSeconds?: number;
  readonly forgedMessage?: string;
  /** Sees the stage before anything happens in it. */
  readonly onStart?: (stage: VirtualStage) => void;
}

/** What a run came to. */
export interface Run {
  readonly stage: VirtualStage;
  readonly sinks: Sinks;
  /** Until everything had settled. */
  readonly seconds: number;
  /** What is wrong with it by itself. */
  readonly faults: readonly Fault[];
}

/** Everything that comes to the stage from outside. */
async function send({ sender }: Suite, stage: VirtualStage, input: RunInput) {
  const { traffic, retry = WEBHOOK_RETRY_POLICY, concurrency = 1, seed, secondsBetweenDeliveries } = input;
  const { againAfterSeconds, forgedMessage, refusedSeconds } = input;
  if (forgedMessage !== undefined) await forge(forgedMessage, stage);
  const sending = { traffic, secondsBetweenDeliveries, retry, concurrency, seed };
  const answers = await sendInVirtualTime(sender, stage, sending);
  if (refusedSeconds !== undefined) await replayDeadLetters(stage, refusedSeconds);
  if (againAfterSeconds === undefined) return answers;
  await stage.time.sleep(againAfterSeconds);
  return [...answers, ...(await sendInVirtualTime(sender, stage, sending))];
}

async function forge(body: string, { queues }: VirtualStage): Promise<void> {
  const queue = queues.get('aftercall-local-events.fifo');
  const seal = `v1:k1:${Buffer.alloc(32).toString('base64')}`;
  await queue?.send([
    { entryId: '0', body, groupId: 'forged', deduplicationId: 'forged', attributes: { seal } },
  ]);
}

function leaks({ lines }: VirtualStage): readonly Fault[] {
  const written = lines.join('\n');
  return NEVER_LOGGED.flatMap((text, index) =>
    written.includes(text)
      ? [{ kind: 'leaked', detail: `what no log may hold, number ${index}` } as const]
      : [],
  );
}

/** After that nothing can be expected to come any more: a sender's retries, a message's visibility, a lease. */
const LONGEST_MILLIS = 3 * 86_400_000;

/** Sends traffic through a stage and lets time pass until everything has settled. */
export async function runStage(suite: Suite, input: RunInput): Promise<Run> {
  // Elsewhere nothing may be given up, and a dead letter stays where everybody sees it.
  const stage = startVirtualStage(
    input.refusedSeconds === undefined ? without('dead-letters', suite) : suite,
    input,
  );
  input.onStart?.(stage);
  let isSent = false;
  const sending = send(suite, stage, input);
  const sent = sending.finally(() => void (isSent = true));
  await stage.time.passUntil(() => (isSent && stage.isQuiet()) || stage.isStuck(), LONGEST_MILLIS);
  const isSettled = isSent && stage.isQuiet();
  const refused = isSent ? (await sent).filter(({ asExpected }) => !asExpected) : [];
  const unsettled: Fault = { kind: 'limbo', detail: `${stage.waiting()} messages are still waiting` };
  return {
    stage,
    sinks: await readSinks(stage),
    seconds: (stage.time.nowMillis() - START) / 1000,
    faults: [
      ...refused.map(
        ({ delivery, status }): Fault => ({
          kind: 'lost',
          detail: `delivery ${delivery.index} (${delivery.kind}) was answered ${status ?? 'not at all'}`,
        }),
      ),
      ...(isSettled ? [] : [unsettled]),
      ...leaks(stage),
    ],
  };
}
