/** What can be set aside: messages that failed for good, deliveries not understood, messages held too long. */
export type SetAsideKind = 'dead' | 'quarantine' | 'archive';

/** One line of the index: what is kept, why, and where its body lies. */
export interface SetAsideEntry {
  readonly kind: SetAsideKind;
  /** Received time in ISO 8601, `#`, id: sorts by time within a kind. */
  readonly sk: string;
  readonly id: string;
  readonly source: string;
  readonly reason: string;
  readonly state: string;
  /** Of the object that holds the body. */
  readonly key: string;
  readonly receivedTime: string;
  /** Epoch seconds, DynamoDB's TTL attribute. */
  readonly expiresAt: number;
  readonly eventId?: string;
  readonly conversationId?: string;
  readonly queue?: string;
  readonly group?: string;
}

/** What a list asks for. */
export interface EntryQuery {
  readonly kind: SetAsideKind;
  readonly id?: string;
  readonly reason?: string;
  readonly conversationId?: string;
  /** Entries received before this are left out. */
  readonly since?: Date;
  /** Entries that expire at this epoch second or before are left out: DynamoDB deletes them days late. */
  readonly expiresAfter: number;
  readonly limit: number;
}

/** Who took bytes, and from where. */
export interface Charge {
  /** The name of the counter. */
  readonly budget: string;
  /** Of the object that the bytes are for. */
  readonly key: string;
}

/** Bytes to take from a budget. */
export interface Reservation extends Charge {
  readonly bytes: number;
  readonly capBytes: number;
  /** Epoch seconds after which the budget's row may go. */
  readonly expiresAt: number;
}

/** Where the index lies. Every call throws when the store cannot be reached, or when `signal` aborts it. */
export interface IndexStore {
  /** Writes the entry unless there is one with its kind and sk, whose state must survive a repeated put. */
  putIfAbsent(entry: SetAsideEntry, signal?: AbortSignal): Promise<void>;
  get(kind: SetAsideKind, sk: string): Promise<SetAsideEntry | undefined>;
  /** Newest first. */
  query(query: EntryQuery): Promise<readonly SetAsideEntry[]>;
  /**
   * Takes all the bytes or none, in one step that no concurrent reservation can slip between. Until it is settled,
   * a key that took its bytes has them: asking again takes nothing.
   */
  reserve(reservation: Reservation, signal?: AbortSignal): Promise<'reserved' | 'full'>;
  /** Forgets the key, whose object is kept now; its bytes stay taken. */
  settle(charge: Charge, signal?: AbortSignal): Promise<void>;
}
