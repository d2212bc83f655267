import type { SecretStore, VersionStage } from './secret-store.ts';

/** `down` fails every read; `hanging` answers none until its signal is aborted. */
export type StoreCondition = 'up' | 'down' | 'hanging';

/** A store for tests, with what a test has to do to it. */
export interface MemorySecretStore extends SecretStore {
  /** Replaces all versions of a secret. */
  put(name: string, versions: Readonly<Partial<Record<VersionStage, string>>>): void;
  become(condition: StoreCondition): void;
  /** Every read so far, as `name stage`, in order. */
  reads(): readonly string[];
}

/** A secret store in memory that passes the same contract suite as the real ones. */
export function memorySecretStore(): MemorySecretStore {
  const secrets = new Map<string, Readonly<Partial<Record<VersionStage, string>>>>();
  const reads: string[] = [];
  let condition: StoreCondition = 'up';
  return {
    put: (name, versions) => void secrets.set(name, versions),
    become: (next) => {
      condition = next;
    },
    reads: () => [...reads],
    async getSecretValue(name, stage, signal) {
      reads.push(`${name} ${stage}`);
      signal?.throwIfAborted();
      if (condition === 'down') throw new Error('the memory secret store is down');
      if (condition === 'hanging') await aborted(signal);
      return secrets.get(name)?.[stage];
    },
  };
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('aborted', { cause: signal.reason })));
  });
}
