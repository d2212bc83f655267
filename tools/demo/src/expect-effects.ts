import type { Answer, ConversationExpectation, PlannedDelivery } from '@aftercall/genesys-simulator';
import { totalExpectations } from '@aftercall/genesys-simulator';
import { deliveryId, OUTCOME_TYPE } from '@aftercall/schemas';

/** An event whose id its sender declared, so that it is known before anything has happened. */
export interface NamedEvent {
  readonly org: string;
  readonly eventId: string;
  /** It must also publish `aftercall.outcome.recorded`. */
  readonly isOutcome: boolean;
}

/** How many events without a declared id a conversation has; they are recognised by the conversation alone. */
export interface UnnamedEvents {
  readonly events: number;
  readonly outcomes: number;
}

/** What deliveries should bring about. */
export interface Effects {
  /** By `eventKey`. */
  readonly named: ReadonlyMap<string, NamedEvent>;
  /** By `conversationKey`. */
  readonly unnamed: ReadonlyMap<string, UnnamedEvents>;
}

/** What must be found after a run, and what may be found. */
export interface ExpectedEffects {
  /** Of the deliveries that were answered 200. */
  readonly promised: Effects;
  /** Of every genuine delivery: one whose sender gave up waiting may have had its effect. */
  readonly possible: Effects;
  /** By `conversationKey`; of the deliveries that were answered 200. */
  readonly conversations: ReadonlyMap<string, ConversationExpectation>;
  /** Ids of the bodies that must be in quarantine. */
  readonly quarantined: ReadonlySet<string>;
}

export function eventKey(org: string, eventId: string): string {
  return `${org}/${eventId}`;
}

export function conversationKey(org: string, conversationId: string): string {
  return `${org}/${conversationId}`;
}

/** How many distinct events these are. */
export function countEvents({ named, unnamed }: Effects): number {
  return [...unnamed.values()].reduce((sum, { events }) => sum + events, named.size);
}

/** Works out what must have come of a run from what was sent and how it was answered. */
export function expectEffects(answers: readonly Answer[]): ExpectedEffects {
  const accepted = answers.filter(({ status }) => status === 200);
  const genuine = answers.filter(({ delivery }) => delivery.expectation.expect === 'accepted');
  return {
    promised: effectsOf(accepted.map(({ delivery }) => delivery)),
    possible: effectsOf(genuine.map(({ delivery }) => delivery)),
    conversations: conversationsOf(accepted.map(({ delivery }) => delivery)),
    quarantined: new Set(answers.filter(isQuarantined).map(({ delivery }) => bodyId(delivery))),
  };
}

/** 400 says that an exact copy is in quarantine; 200 says it of the items that were refused. */
function isQuarantined({ status, delivery }: Answer): boolean {
  return status === 400 || (status === 200 && delivery.expectation.refusedItems > 0);
}

function bodyId({ source, body }: PlannedDelivery): string {
  return deliveryId(source.key, body);
}

function effectsOf(deliveries: readonly PlannedDelivery[]): Effects {
  const named = new Map<string, NamedEvent>();
  for (const { body, expectation } of deliveries) {
    const { org, eventIds } = expectation;
    for (const eventId of eventIds)
      named.set(eventKey(org, eventId), { org, eventId, isOutcome: isOutcome(body) });
  }
  return { named, unnamed: unnamedOf(deliveries) };
}

/** The same bytes from the same source are the same event, however often they were sent. */
function unnamedOf(deliveries: readonly PlannedDelivery[]): ReadonlyMap<string, UnnamedEvents> {
  const unnamed = new Map<string, UnnamedEvents>();
  const distinct = new Map(deliveries.filter(isUnnamed).map((delivery) => [bodyId(delivery), delivery]));
  for (const { body, expectation } of distinct.values()) {
    for (const { conversationId } of expectation.conversations) {
      const key = conversationKey(expectation.org, conversationId);
      const { events, outcomes } = unnamed.get(key) ?? { events: 0, outcomes: 0 };
      unnamed.set(key, { events: events + 1, outcomes: outcomes + (isOutcome(body) ? 1 : 0) });
    }
  }
  return unnamed;
}

/** @throws Error when the events of a delivery can be told apart neither by id nor by conversation */
function isUnnamed({ expectation, kind }: PlannedDelivery): boolean {
  const { eventIds, events, conversations } = expectation;
  if (eventIds.length > 0 || events === 0) return false;
  if (conversations.length === events) return true;
  throw new Error(`a ${kind} delivery has events that declare no id and share a conversation`);
}

function isOutcome(body: Uint8Array): boolean {
  const payload = JSON.parse(Buffer.from(body).toString('utf8')) as Record<string, unknown>;
  return 'specversion' in payload ? payload['type'] === OUTCOME_TYPE : 'data' in payload;
}

function conversationsOf(
  deliveries: readonly PlannedDelivery[],
): ReadonlyMap<string, ConversationExpectation> {
  const { conversations } = totalExpectations(deliveries);
  return new Map(
    [...conversations].flatMap(([org, ofOrg]) =>
      [...ofOrg].map(([id, wanted]) => [conversationKey(org, id), wanted] as const),
    ),
  );
}
