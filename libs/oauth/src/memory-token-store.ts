import type { Clock } from './clock.ts';
import type { IssuedToken } from './issued-token.ts';
import type { TokenStore, TokenStoreSession } from './token-store.ts';

/** A shared store for tests, with what a test has to do to it. */
export interface MemoryTokenStore extends TokenStore {
  /** `down` rejects every call. */
  become(condition: 'up' | 'down'): void;
}

/** A shared token store in memory that passes the same contract suite as the real one. */
export function memoryTokenStore({ elapsedMillis }: Pick<Clock, 'elapsedMillis'>): MemoryTokenStore {
  let kept: { readonly token: IssuedToken; readonly expiresAt: number } | undefined;
  let lease: { readonly owner: string; readonly endsAt: number } | undefined;
  let condition: 'up' | 'down' = 'up';

  const checkUp = () => {
    if (condition === 'down') throw new Error('the memory token store is down');
  };
  const session: TokenStoreSession = {
    async read() {
      checkUp();
      const remainingMillis = (kept?.expiresAt ?? 0) - elapsedMillis();
      return kept !== undefined && remainingMillis > 0 ? { ...kept.token, remainingMillis } : undefined;
    },
    async write(token) {
      checkUp();
      kept = { token, expiresAt: elapsedMillis() + token.lifetimeMillis };
    },
    async acquire(owner, leaseMillis) {
      checkUp();
      if (lease !== undefined && elapsedMillis() < lease.endsAt) return false;
      lease = { owner, endsAt: elapsedMillis() + leaseMillis };
      return true;
    },
    async release(owner, holdMillis) {
      checkUp();
      if (lease?.owner === owner) lease = { owner, endsAt: elapsedMillis() + holdMillis };
    },
    close: async () => undefined,
  };
  return {
    become: (next) => {
      condition = next;
    },
    async open() {
      checkUp();
      return session;
    },
  };
}
