import type { IssuedToken } from './issued-token.ts';

/** A token that somebody has put into the store, and how long it is still good for. */
export interface StoredToken extends IssuedToken {
  readonly remainingMillis: number;
}

/** A place where containers share one token. */
export interface TokenStore {
  /** Rejects, in bounded time, when the store cannot be reached. */
  open(): Promise<TokenStoreSession>;
}

/**
 * The store while one container is after a token. All times are durations, counted by the store, so that containers
 * need not agree about what time it is. Every call rejects, in bounded time, when the store cannot be reached.
 */
export interface TokenStoreSession {
  /** Undefined when there is none, when it has expired, and when what is there is no token. */
  read(): Promise<StoredToken | undefined>;
  /** Keeps the token for its lifetime, in place of any other. */
  write(token: IssuedToken): Promise<void>;
  /** True for the one owner that may ask for a new token; nobody else may for `leaseMillis`, or until it is released. */
  acquire(owner: string, leaseMillis: number): Promise<boolean>;
  /** Ends the owner's own lease after `holdMillis`, at once when that is 0; does nothing to anybody else's. */
  release(owner: string, holdMillis: number): Promise<void>;
  /** Never rejects. Leases outlive it. */
  close(): Promise<void>;
}
