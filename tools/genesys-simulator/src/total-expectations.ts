import type { ConversationExpectation, PlannedDelivery } from './planned-delivery.ts';

/** What must be found in the tables after deliveries were accepted, to be compared with what is. */
export interface TotalExpectations {
  /** Event ids by organisation: each must have exactly one completed ledger row, and there may be no other id of that form. */
  readonly events: ReadonlyMap<string, ReadonlySet<string>>;
  /** Conversations by organisation and id. */
  readonly conversations: ReadonlyMap<string, ReadonlyMap<string, ConversationExpectation>>;
  readonly accepted: number;
  /** Expected refusals by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

/** Adds up expectations; give it only the deliveries that went out, or only those that were answered 200. */
export function totalExpectations(deliveries: Iterable<PlannedDelivery>): TotalExpectations {
  const events = new Map<string, Set<string>>();
  const conversations = new Map<string, Map<string, ConversationExpectation>>();
  const refused: Record<string, number> = {};
  let accepted = 0;
  for (const { expectation } of deliveries) {
    const { expect, org, eventIds, reason } = expectation;
    if (expect === 'accepted') accepted += 1;
    else refused[reason] = (refused[reason] ?? 0) + 1;
    const ids = emplace(events, org, () => new Set<string>());
    for (const id of eventIds) ids.add(id);
    const ofOrg = emplace(conversations, org, () => new Map<string, ConversationExpectation>());
    for (const wanted of expectation.conversations) {
      ofOrg.set(wanted.conversationId, later(ofOrg.get(wanted.conversationId), wanted));
    }
  }
  return { events, conversations, accepted, refused };
}

/** `ended` is final, whatever comes after it or comes late. */
function later(
  known: ConversationExpectation | undefined,
  wanted: ConversationExpectation,
): ConversationExpectation {
  if (known?.status === 'ended' || (known?.status !== undefined && wanted.status === undefined)) return known;
  return wanted;
}

function emplace<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const value = map.get(key) ?? create();
  map.set(key, value);
  return value;
}
