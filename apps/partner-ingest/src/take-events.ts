import {
  type FailedMessage,
  type QueueEntry,
  type QueueMessage,
  sealedEntry,
  type SendAllResult,
  UnsentError,
} from '@aftercall/queue';
import { cutEvent, isOutcome, type MadeEvent, messageGroupId } from '@aftercall/schemas';
import type { Keyring } from '@aftercall/signing';
import { type ReadDeps, type ReadEvent, readEvent } from './read-event.ts';

/** What `takeEvents` needs from the outside world. */
export interface TakeDeps extends ReadDeps {
  keyring(): Promise<Keyring>;
  /** Keeps the order of a conversation; says what did not get onto the queue. */
  send(entries: readonly QueueEntry[]): Promise<SendAllResult>;
  /** The name of each category, or its id where it has none. */
  categoryNames(org: string, ids: readonly string[]): Promise<readonly string[]>;
}

type Read = ReadEvent & { readonly message: QueueMessage };
type Event = Extract<Read, { outcome: 'event' }>;
type Failed = FailedMessage & { readonly outcome: 'failed' };

/** What became of a batch. */
export interface Taken {
  readonly sent: readonly Event[];
  readonly skipped: readonly Extract<Read, { outcome: 'skipped' }>[];
  readonly failed: readonly FailedMessage[];
}

/**
 * Puts the events of a batch on `events.fifo`, those of a conversation in the order received. What needs the names of
 * categories waits for them with the rest of its conversation; nothing else does.
 */
export async function takeEvents(messages: readonly QueueMessage[], deps: TakeDeps): Promise<Taken> {
  const read = messages.map((message) => tryReading(message, deps));
  const events = read.filter((each) => each.outcome === 'event');
  const conversations = [...Map.groupBy(events, conversationOf).values()];
  const { named = [], ready = [] } = Object.groupBy(conversations, (conversation) =>
    conversation.some(({ made }) => categoriesOf(made).length > 0) ? 'named' : 'ready',
  );
  const sendings = await Promise.all([sendEvents(ready.flat(), deps), sendNamed(named.flat(), deps)]);
  const results = sendings.flat();
  return {
    sent: results.filter((each) => each.outcome === 'event'),
    skipped: read.filter((each) => each.outcome === 'skipped'),
    failed: [...read, ...results].filter((each) => each.outcome === 'failed'),
  };
}

function tryReading(message: QueueMessage, deps: TakeDeps): Read | Failed {
  try {
    return { ...readEvent(message, deps), message };
  } catch (error) {
    return { outcome: 'failed', message, error };
  }
}

const conversationOf = ({ made: { envelope } }: Event): string =>
  messageGroupId(envelope.org, envelope.subject);

/** The ids in an event of categories; no other has any that are still ids. */
function categoriesOf({ envelope }: MadeEvent): readonly string[] {
  return isOutcome(envelope) ? (envelope.data.categories ?? []) : [];
}

/** An event whose names cannot be had comes again by itself: the order of a conversation's end state is any. */
async function sendNamed(events: readonly Event[], deps: TakeDeps): Promise<readonly (Event | Failed)[]> {
  const named = await Promise.all(events.map((event) => tryNaming(event, deps)));
  const failed = named.filter((each) => each.outcome === 'failed');
  return [
    ...failed,
    ...(await sendEvents(
      named.filter((each) => each.outcome === 'event'),
      deps,
    )),
  ];
}

async function tryNaming(event: Event, deps: TakeDeps): Promise<Event | Failed> {
  const { message, made } = event;
  try {
    const names = await deps.categoryNames(made.envelope.org, categoriesOf(made));
    return { ...event, made: withCategories(made, names) };
  } catch (error) {
    return { outcome: 'failed', message, error };
  }
}

/** Id and digest stay those of what was said: an event that comes again is the same after somebody renamed a category. */
function withCategories(made: MadeEvent, names: readonly string[]): MadeEvent {
  const { envelope } = made;
  if (names.length === 0 || !isOutcome(envelope)) return made;
  const data = { ...envelope.data, categories: [...new Set(names)] };
  return { envelope: { ...envelope, data }, dataText: JSON.stringify(data) };
}

async function sendEvents(events: readonly Event[], deps: TakeDeps): Promise<readonly (Event | Failed)[]> {
  if (events.length === 0) return [];
  try {
    const keyring = await deps.keyring();
    const sealed = events.map((event) => ({ event, entry: sealedEvent(event.made, keyring) }));
    const { unsent, codes } = await deps.send(sealed.map(({ entry }) => entry));
    const left = new Set(unsent);
    return sealed.map(({ event, entry }) =>
      left.has(entry)
        ? { outcome: 'failed', message: event.message, error: new UnsentError(left.size, codes) }
        : event,
    );
  } catch (error) {
    return events.map(({ message }) => ({ outcome: 'failed', message, error }));
  }
}

/** Nothing is kept of what is cut here: an event of EventBridge is hardly larger than what a message takes. */
function sealedEvent(made: MadeEvent, keyring: Keyring): QueueEntry {
  const { envelope, dataText } = cutEvent(made) ?? made;
  return sealedEntry(envelope, keyring, dataText);
}
