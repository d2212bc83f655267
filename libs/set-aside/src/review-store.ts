/**
 * How far a review is: made, then waiting for a person (its task token is known), then decided or escalated, and done
 * once what was decided is done.
 */
export type ReviewState = 'REQUESTED' | 'WAITING' | 'ESCALATED' | 'DONE';

/** A person's decision about the dead letters of one reason. It carries pointers; the letters stay in set-aside. */
export interface Review {
  readonly id: string;
  readonly reason: string;
  /** The letters received from then on … */
  readonly since: string;
  /** … and before then. */
  readonly until: string;
  readonly letters: number;
  readonly state: ReviewState;
  readonly requestedAt: string;
  /** Epoch seconds, DynamoDB's TTL attribute. */
  readonly expiresAt: number;
  /** Opens the way back into Step Functions: for nobody but the stage's operators, and in no log. */
  readonly taskToken?: string;
  readonly decision?: 'replay' | 'discard';
  readonly decidedBy?: string;
  /** Why nobody's decision was carried out. */
  readonly cause?: string;
}

/** Where reviews lie. Every call throws when the store cannot be reached. */
export interface ReviewStore {
  /** Writes the review unless there is one of its id. */
  putIfAbsent(review: Review): Promise<void>;
  get(id: string): Promise<Review | undefined>;
  /** All of them, newest first. */
  list(): Promise<readonly Review[]>;
  /** Writes these attributes over those of a review that is there; answers whether it is. */
  change(
    id: string,
    changes: Partial<Pick<Review, 'state' | 'taskToken' | 'decision' | 'decidedBy' | 'cause'>>,
  ): Promise<boolean>;
}
