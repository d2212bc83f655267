import { type CircuitsDocument, validateCircuits } from '@aftercall/schemas';

/** The document's text, read and written whole. Both reject when the store cannot be reached. */
export interface CircuitsStore {
  /** Undefined when there is none. */
  read(): Promise<string | undefined>;
  write(text: string): Promise<void>;
}

/** `unreadable`: somebody else wrote it; to be told, and to be treated as nothing shared. */
export type ReadCircuits =
  | { readonly outcome: 'read'; readonly circuits: CircuitsDocument['circuits'] }
  | { readonly outcome: 'unreadable'; readonly detail: string };

/** The open circuits in a document. Never throws, and quotes nothing of what it cannot read. */
export function readCircuits(text: string | undefined): ReadCircuits {
  if (text === undefined) return { outcome: 'read', circuits: {} };
  const value = parsed(text);
  if (validateCircuits(value)) return { outcome: 'read', circuits: value.circuits };
  const [fault] = validateCircuits.errors ?? [];
  const detail =
    value === undefined ? 'is not JSON' : `${fault?.instancePath ?? ''} ${fault?.message ?? ''}`.trim();
  return { outcome: 'unreadable', detail };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Writes the document with one circuit changed and the others as they are now. Of two writers at one moment the last
 * wins: what the first said is advice that its container gives again. A document that cannot be read is written anew.
 */
export async function changeCircuits(
  store: CircuitsStore,
  change: (circuits: CircuitsDocument['circuits']) => CircuitsDocument['circuits'],
): Promise<void> {
  const read = readCircuits(await store.read());
  await store.write(JSON.stringify({ circuits: change(read.outcome === 'read' ? read.circuits : {}) }));
}

/** The document without that circuit. */
export const withoutCircuit = (
  circuits: CircuitsDocument['circuits'],
  downstream: string,
): CircuitsDocument['circuits'] =>
  Object.fromEntries(Object.entries(circuits).filter(([name]) => name !== downstream));

/**
 * Every downstream that is open in the stage, for whoever brings back what was held.
 *
 * @throws whatever the store throws when it cannot be reached, and when its document cannot be read: nobody knows then
 */
export async function openCircuits(store: Pick<CircuitsStore, 'read'>): Promise<ReadonlySet<string>> {
  const read = readCircuits(await store.read());
  if (read.outcome === 'unreadable') throw new Error(`the stage's circuits cannot be read: ${read.detail}`);
  return new Set(Object.keys(read.circuits));
}
