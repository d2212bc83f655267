import type { SetAside, SetAsideEntry } from '@aftercall/set-aside';
import { SET_ASIDE_KINDS } from './set-aside-kinds.ts';
import { isAbout } from './trace-reference.ts';
import type { Reference } from './trace-reference.ts';

/** Newest entries looked at, of each kind. */
const MAX_ENTRIES = 1_000;
/** Newest quarantined deliveries that are read whole, because their index row names no event. */
const MAX_READ = 100;
/** A shorter text occurs in anything. */
const MIN_SEARCHED_CHARACTERS = 4;

/** A set-aside entry, with the problems that quarantine noted. */
export interface TracedEntry extends SetAsideEntry {
  readonly problems?: readonly string[];
}

/** What was set aside of what was asked for. */
export async function setAsideAbout(
  reference: Reference,
  store: SetAside,
  { readContents }: { readonly readContents: 'yes' | 'no' },
): Promise<readonly TracedEntry[]> {
  const entries = (
    await Promise.all(SET_ASIDE_KINDS.map((kind) => store.list({ kind, limit: MAX_ENTRIES })))
  ).flat();
  const isNamed = (entry: SetAsideEntry): boolean =>
    isAbout(reference, { ...entry, deliveryId: entry.id }) || entry.id === reference.text;
  const named = entries.filter(isNamed);
  const others = readContents === 'yes' ? entries.filter((entry) => !isNamed(entry)) : [];
  const mentioning = await Promise.all(
    others
      .filter(({ kind }) => kind === 'quarantine')
      .slice(0, MAX_READ)
      .map(async (entry) => ((await contentOf(store, entry)).includes(declaredId(reference)) ? [entry] : [])),
  );
  return Promise.all([...named, ...mentioning.flat()].map((entry) => withProblems(store, entry)));
}

const declaredId = ({ text }: Reference): string => {
  const declared = text.split('#')[0] ?? text;
  return declared.length >= MIN_SEARCHED_CHARACTERS ? declared : text;
};

/** The whole text that was kept, with a whole delivery's bytes as they came. */
async function contentOf(store: SetAside, { kind, sk }: SetAsideEntry): Promise<string> {
  const text = Buffer.from((await store.get(kind, sk)).body).toString();
  const { body } = parsedObject(text);
  return typeof body === 'string' ? `${text}\n${Buffer.from(body, 'base64').toString()}` : text;
}

async function withProblems(store: SetAside, entry: SetAsideEntry): Promise<TracedEntry> {
  if (entry.kind !== 'quarantine') return entry;
  const kept = parsedObject(Buffer.from((await store.get(entry.kind, entry.sk)).body).toString());
  const problems = problemsIn(kept);
  return problems.length === 0 ? entry : { ...entry, problems };
}

function problemsIn({ errors }: Readonly<Record<string, unknown>>): readonly string[] {
  const found: readonly unknown[] = Array.isArray(errors) ? errors : [];
  return found.map((error) => {
    const { pointer, message } = error as { pointer?: unknown; message?: unknown };
    return `${String(pointer) || '/'} ${String(message)}`;
  });
}

function parsedObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
