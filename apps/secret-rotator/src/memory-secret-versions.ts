import type { SecretVersions } from './secret-versions.ts';

/** One secret in memory, for tests; what a rotation begins with is made by `begin`, as Secrets Manager does. */
export interface MemorySecretVersions extends SecretVersions {
  begin(versionId: string): void;
  /** Stores a value past any rotation. */
  store(versionId: string, text: string): void;
  current(): string | undefined;
  readonly values: ReadonlyMap<string, string>;
}

/** Makes a secret of that name, with a first value or none. */
export function memorySecretVersions(
  name: string,
  first: string | undefined,
  now: () => Date,
): MemorySecretVersions {
  const values = new Map<string, string>();
  const createdAt = new Map<string, Date>();
  const labels = new Map<string, Set<string>>();
  let rotatedAt: Date | undefined;
  const move = (label: string, versionId: string) => {
    for (const own of labels.values()) own.delete(label);
    labels.set(versionId, (labels.get(versionId) ?? new Set()).add(label));
  };
  const store = (versionId: string, text: string) => {
    values.set(versionId, text);
    createdAt.set(versionId, now());
    move('AWSCURRENT', versionId);
  };
  if (first !== undefined) store('first', first);
  const holder = () => [...labels].find(([, own]) => own.has('AWSCURRENT'))?.[0] ?? '';
  return {
    values,
    store,
    current: () => values.get(holder()),
    begin: (versionId) => move('AWSPENDING', versionId),
    describe: async () => ({
      name,
      labels: new Map([...labels].map(([id, own]) => [id, [...own]])),
      rotatedAt,
    }),
    read: async (_secretId, versionId) => {
      const [text, at] = [values.get(versionId), createdAt.get(versionId)];
      return text === undefined || at === undefined ? undefined : { text, createdAt: at };
    },
    putPending: async (_secretId, versionId, text) => {
      values.set(versionId, text);
      createdAt.set(versionId, now());
      move('AWSPENDING', versionId);
    },
    promote: async (_secretId, versionId, from) => {
      if (holder() !== from) throw new Error('the label is on another version');
      move('AWSCURRENT', versionId);
      rotatedAt = now();
    },
  };
}
