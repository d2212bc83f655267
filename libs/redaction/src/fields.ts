import { decodedString, isEscaped } from './json-string.ts';
import type { Window } from './window.ts';
import { createWordIndex, wordAt } from './word-index.ts';

/** A key of a transcript that the search must know. */
export interface Field {
  readonly name: string;
  /** A number of its own. */
  readonly number: number;
  readonly role: FieldRole;
}

type FieldRole =
  /** A string under it is text. */
  | 'text'
  /** So is every string below it, whatever its key. */
  | 'alternatives'
  /** A list of phrases, or of quotes from phrases. */
  | 'phrases'
  | 'quotes'
  /** Who speaks. */
  | 'participant'
  /** What the transcript is of. */
  | 'identity';

const NAMES: readonly (readonly [FieldRole, string])[] = [
  ['text', 'text decoratedText word words phrase topicPhrase transcriptPhrase'],
  ['alternatives', 'alternatives'],
  ['phrases', 'phrases'],
  ['quotes', 'sentiment topics'],
  ['participant', 'participantPurpose participant'],
  ['identity', 'conversationId communicationId'],
];

const FIELDS: readonly Field[] = NAMES.flatMap(([role, names]) =>
  names.split(' ').map((name) => ({ role, name })),
).map((field, index) => ({ ...field, number: index + 1 }));

/** One more than the largest. */
export const FIELD_NUMBERS = FIELDS.length + 1;

const BY_NAME: ReadonlyMap<string, Field> = new Map(FIELDS.map((field) => [field.name, field]));
const BY_BYTES = createWordIndex(BY_NAME, 'as is');

/** No key of these is longer, however it is written. */
const MAX_KEY_BYTES = 256;

/** The field that a key names, which lies between these indexes of the window. */
export function fieldAt(window: Window, from: number, to: number): Field | undefined {
  const field = wordAt(BY_BYTES, window.bytes, from, to);
  if (field || to - from > MAX_KEY_BYTES || !isEscaped(window.bytes, from, to)) return field;
  return BY_NAME.get(decodedString(window, from, to));
}
