import type { LocalJson } from '@aftercall/local';
import pMap from 'p-map';
import type { OwnStack } from './on-local-stack.ts';
import { paced } from './paced.ts';
import type { ProcessedEvent } from './processed-events.ts';
import { type Acknowledged, sendDelivery } from './send-delivery.ts';
import { drained } from './stage-queues.ts';

/** Enough for the compilers of all functions to have done their work. */
const WARM_UP = { name: 'warm-up', count: 250, perSecond: 40 };

/** An outcome that was sent, and that the stack has acknowledged. */
export interface SentOutcome extends Acknowledged {
  readonly eventId: string;
}

/** How many deliveries, and how many of them a second. */
export interface Pace {
  readonly count: number;
  readonly perSecond: number;
}

/** The least that is an outcome: whose, and when. */
export const minimalOutcome = (conversationId: string) => ({
  conversationId,
  timestamp: new Date().toISOString(),
});

/** What the stack calls an event that its sender called `declaredId`. */
export const eventIdOf = (declaredId: string, conversationId: string): string =>
  `${declaredId}#${conversationId}/-`;

/** Sends an outcome of each of so many conversations, whatever the answers to those before. */
export const sendConversations = (
  local: LocalJson,
  { name, ...pace }: Pace & { readonly name: string },
): Promise<readonly SentOutcome[]> =>
  sendPaced(pace, Infinity, (index) => sendOutcome(local, `${name}-${index}`, `${name}-${index}`));

/** Sends so many outcomes of one conversation, each when the one before is acknowledged. */
export const sendOneConversation = (
  local: LocalJson,
  { name, ...pace }: Pace & { readonly name: string },
): Promise<readonly SentOutcome[]> =>
  sendPaced(pace, 1, (index) => sendOutcome(local, `${name}-${index}`, name));

const sendPaced = (
  { count, perSecond }: Pace,
  concurrency: number,
  send: (index: number) => Promise<SentOutcome>,
) => pMap(paced(count, perSecond), send, { concurrency });

async function sendOutcome(
  local: LocalJson,
  webhookEventId: string,
  conversationId: string,
): Promise<SentOutcome> {
  const body = JSON.stringify({ webhookEventId, data: minimalOutcome(conversationId) });
  return { ...(await sendDelivery(local, body)), eventId: eventIdOf(webhookEventId, conversationId) };
}

/** The first events of a stack meet code that nobody has compiled yet; they are not what is measured. */
export async function warmUp({ stack, clients }: OwnStack): Promise<void> {
  await sendConversations(stack.local, WARM_UP);
  await drained(stack.local, clients.sqs);
}

/** From the first attempt of its delivery to the end of its effect, of each outcome that had one. */
export function millisToProcessed(
  sent: readonly SentOutcome[],
  processed: readonly ProcessedEvent[],
): readonly number[] {
  const at = new Map(processed.map((event) => [event.eventId, event.at]));
  return sent.flatMap(({ eventId, sentAt }) => {
    const end = at.get(eventId);
    return end === undefined ? [] : [end - sentAt];
  });
}
