/** What can be set aside: messages that failed for good, deliveries not understood, messages held too long. */
export type SetAsideKind = 'dead' | 'quarantine' | 'archive';

/** OPEN → REPLAYING → DONE; a replay that gives up puts it back to OPEN. */
export type SetAsideState = 'OPEN' | 'REPLAYING' | 'DONE';

/** How far an entry is on its way back, and who brought it there. */
export interface EntryProgress {
  readonly state: SetAsideState;
  /** The replay that has it, or had it last. */
  readonly run?: string;
  /** Epoch seconds until which nobody else may take it. */
  readonly leaseUntil?: number;
  readonly outcome?: 'replayed' | 'discarded';
  readonly decidedBy?: string;
  readonly decidedAt?: string;
  /** Why it was decided so, in a person's words. */
  readonly decision?: string;
}

/** One line of the index: what is kept, why, where its body lies, and what became of it. */
export interface SetAsideEntry extends EntryProgress {
  readonly kind: SetAsideKind;
  /** Received time in ISO 8601, `#`, id: sorts by time within a kind. */
  readonly sk: string;
  readonly id: string;
  readonly source: string;
  readonly reason: string;
  /** Of the object that holds the body. */
  readonly key: string;
  readonly receivedTime: string;
  /** Epoch seconds, DynamoDB's TTL attribute. */
  readonly expiresAt: number;
  readonly eventId?: string;
  readonly conversationId?: string;
  readonly queue?: string;
  readonly group?: string;
  /** SQS's sequence number: the order within a group among what was received in one millisecond. */
  readonly sequence?: string;
  /** What the function that gave a message up says of it. */
  readonly detail?: string;
  readonly function?: string;
  readonly attempts?: number;
  readonly failedAt?: string;
}

/** What a list asks for. */
export interface EntryQuery {
  readonly kind: SetAsideKind;
  readonly id?: string;
  readonly reason?: string;
  readonly conversationId?: string;
  /** Default: any. */
  readonly states?: readonly SetAsideState[];
  /** Entries received before this are left out. */
  readonly since?: Date;
  /** Entries received at this time or later are left out. */
  readonly until?: Date;
  /** The sk of the entry to go on behind, in the order asked for. */
  readonly after?: string;
  readonly order: 'newest-first' | 'oldest-first';
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
  query(query: EntryQuery): Promise<readonly SetAsideEntry[]>;
  /**
   * Writes the progress over that of `seen`, if nobody changed it since `seen` was read; answers whether the entry is
   * so now, also when a repeated call finds that it already was.
   */
  advance(seen: SetAsideEntry, next: EntryProgress): Promise<boolean>;
  /**
   * Takes all the bytes or none, in one step that no concurrent reservation can slip between. Until it is settled,
   * a key that took its bytes has them: asking again takes nothing.
   */
  reserve(reservation: Reservation, signal?: AbortSignal): Promise<'reserved' | 'full'>;
  /** Forgets the key, whose object is kept now; its bytes stay taken. */
  settle(charge: Charge, signal?: AbortSignal): Promise<void>;
}
