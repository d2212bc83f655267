import type { RulesObject, RulesStore } from './rules-store.ts';

/** A store for tests, with what a test has to do to it. */
export interface MemoryRulesStore extends RulesStore {
  /** Puts a new version in place. */
  put(text: string): void;
  /** Takes the object away; its versions stay. */
  remove(): void;
  /** What every call answers from now on, when it is not to answer from memory. */
  fail(error: Error | undefined): void;
  /** Every call so far, in order. */
  calls(): readonly string[];
}

interface Version {
  readonly etag: string;
  readonly text: string;
}

/** A versioned object in memory that passes the same contract suite as the one in S3. */
export function memoryRulesStore(): MemoryRulesStore {
  const versions: Version[] = [];
  const calls: string[] = [];
  let current: Version | undefined;
  let failure: Error | undefined;

  function called(call: string): void {
    calls.push(call);
    if (failure) throw failure;
  }
  return {
    put(text) {
      current = { etag: `"${text.length}-${versions.length}"`, text };
      versions.unshift(current);
    },
    remove: () => void (current = undefined),
    fail: (error) => void (failure = error),
    calls: () => [...calls],

    async read(etag): Promise<RulesObject> {
      called(etag === undefined ? 'read' : 'read if changed');
      if (current === undefined) return { outcome: 'none', reason: 'NoSuchKey' };
      return current.etag === etag ? { outcome: 'unchanged' } : { outcome: 'object', ...current };
    },
    async *earlierVersions() {
      called('earlier versions');
      for (const version of versions) if (version !== current) yield version.text;
    },
  };
}
