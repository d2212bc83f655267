import {
  type Answer as SenderAnswer,
  type PlannedDelivery,
  type RetryPolicy,
  seededRandom,
  type sendTraffic,
} from '@aftercall/genesys-simulator';
import type { LoadCode } from './function-code.ts';
import { surroundings } from './surroundings.ts';
import type { VirtualStage } from './virtual-stage.ts';

/** The simulator's sender, as it is. */
export const SENDER_ENTRY = 'tools/genesys-simulator/src/send-traffic.ts';

export interface Sending {
  readonly traffic: readonly PlannedDelivery[];
  /** Default: one as soon as the one before it is done with. */
  readonly secondsBetweenDeliveries?: number | undefined;
  readonly retry: RetryPolicy;
  readonly concurrency: number;
  readonly seed: number;
}

/** Sends traffic in virtual time. @returns what became of each delivery, once its sender is done with it */
export async function sendInVirtualTime(
  load: LoadCode,
  stage: VirtualStage,
  { traffic, secondsBetweenDeliveries, retry, concurrency, seed }: Sending,
): Promise<readonly SenderAnswer[]> {
  const code = await load(
    surroundings({
      time: stage.time,
      random: seededRandom(seed).next,
      environment: {},
      isAlive: () => true,
      write: () => undefined,
      outside: () => ({}),
      fetch: fetchFrom(stage),
    }),
  );
  const answers: SenderAnswer[] = [];
  const send = code['sendTraffic'] as typeof sendTraffic;
  const onAnswer = (answer: SenderAnswer) => void answers.push(answer);
  const paced =
    secondsBetweenDeliveries === undefined ? traffic : atPace(traffic, secondsBetweenDeliveries, stage);
  await send(paced as typeof traffic, { retry, concurrency, now: stage.time.now, onAnswer });
  return answers;
}

/** What sends takes one after the other, and does not mind waiting for it. */
async function* atPace(traffic: readonly PlannedDelivery[], seconds: number, { time }: VirtualStage) {
  for (const delivery of traffic) {
    await new Promise<void>((resolve) => void time.after(seconds * 1000, resolve));
    yield delivery;
  }
}

/** A sender that hangs up does not end what it has begun. */
function fetchFrom(stage: VirtualStage): typeof fetch {
  return async (url, { headers, body, signal } = {}) => {
    const hungUp = new Promise<never>((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')), {
        once: true,
      });
    });
    const answering = stage.request(url as string, headers as Record<string, string>, body as Buffer);
    const { status, body: text } = await Promise.race([answering, hungUp]);
    return { status, text: async () => text } as Response;
  };
}
