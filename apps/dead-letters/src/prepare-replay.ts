import type { QueueEntry } from '@aftercall/queue';
import { messageDeduplicationId, readEnvelope, sha256, type Source } from '@aftercall/schemas';
import type { SetAsideContent } from '@aftercall/set-aside';
import { checkSeal, type Keyring } from '@aftercall/signing';
import { resubmitDelivery } from './resubmit-delivery.ts';

/** Why something stays where it is; `detail` quotes nothing of what it holds. */
export interface Refusal {
  readonly outcome: 'refused';
  readonly reason: string;
  readonly detail: string;
}

/** How an entry goes back: to the queue it is of, or on the bus for a target that has no queue. */
export type Prepared =
  | Refusal
  | {
      readonly outcome: 'send';
      /** The physical name. */
      readonly queue: string;
      readonly entries: readonly QueueEntry[];
      /** What of it can still not go; the rest does. */
      readonly rest?: Refusal;
    }
  | { readonly outcome: 'publish'; readonly body: string };

/** What `prepareReplay` needs from the outside world. */
export interface PrepareDeps {
  readonly eventsQueue: string;
  /** Dead letters of these names are of EventBridge's own deliveries, as to the CRM: there are no such queues. */
  readonly deliveredQueues: ReadonlySet<string>;
  readonly sources: ReadonlyMap<string, Source>;
  readonly retentionSeconds: number;
  keyring(): Promise<Keyring>;
  storeObject(key: string, body: string): Promise<void>;
  objectRef(key: string): string;
  now(): Date;
}

/** Checks what was kept and makes it ready to be sent again by this run. Repeating it gives the same. */
export async function prepareReplay(
  content: SetAsideContent,
  run: string,
  deps: PrepareDeps,
): Promise<Prepared> {
  const keyring = await deps.keyring();
  const verdict = checkSeal(content.body, content.seal, keyring, deps.now());
  if (verdict !== 'valid') return refused('bad-seal', `nobody of this stage vouches for it: ${verdict}`);
  if (content.kind === 'quarantine') return resubmitDelivery(content, run, { ...deps, current: keyring });
  const { queue } = content;
  if (queue === undefined) return refused('unknown-queue', 'the index does not say which queue it is of');
  const body = Buffer.from(content.body).toString();
  if (deps.deliveredQueues.has(queue)) return { outcome: 'publish', body };
  return queue === deps.eventsQueue ? event(content, body, run, queue) : message(content, body, run, queue);
}

/** The schema may have changed since: what cannot be read would only come back. */
function event(content: SetAsideContent, body: string, run: string, queue: string): Prepared {
  const read = readEnvelope(body);
  if (read.outcome === 'refused') return refused(read.reason, read.detail);
  const groupId = content.group ?? content.id;
  const attributes = { seal: content.seal, replayrun: run };
  const deduplicationId = messageDeduplicationId(read.envelope, run);
  return { outcome: 'send', queue, entries: [{ body, groupId, deduplicationId, attributes }] };
}

function message({ group, id }: SetAsideContent, body: string, run: string, queue: string): Prepared {
  const attributes = { replayrun: run };
  const fifo = { groupId: group ?? id, deduplicationId: sha256(`${run}\n${id}`) };
  const entry = { body, attributes, ...(queue.endsWith('.fifo') && fifo) };
  return { outcome: 'send', queue, entries: [entry] };
}

export const refused = (reason: string, detail: string): Refusal => ({ outcome: 'refused', reason, detail });
