/** What people say for digits, as the digits; a tens word ('20') takes a following unit into its place. */
export type NumberWords = Readonly<Record<string, string>>;

const numbered = (words: string, first = 0): NumberWords =>
  Object.fromEntries(words.split(' ').map((word, index) => [word, String(first + index)]));

const tens = (words: string): NumberWords =>
  Object.fromEntries(words.split(' ').map((word, index) => [word, String(20 + 10 * index)]));

const ENGLISH: NumberWords = {
  ...numbered('zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen'),
  ...numbered('fifteen sixteen seventeen eighteen nineteen', 15),
  ...tens('twenty thirty forty fifty sixty seventy eighty ninety'),
  ...Object.fromEntries(['oh', 'o', 'nought', 'naught', 'nil', 'null'].map((word) => [word, '0'])),
};

const GERMAN_UNITS = 'ein zwei drei vier fünf sechs sieben acht neun'.split(' ');
const GERMAN_TENS = 'zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig'.split(' ');

const GERMAN: NumberWords = {
  ...numbered('null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn'),
  ...numbered('fünfzehn sechzehn siebzehn achtzehn neunzehn', 15),
  ...tens(GERMAN_TENS.join(' ')),
  ...Object.fromEntries(
    GERMAN_TENS.flatMap((ten, tensIndex) =>
      GERMAN_UNITS.map((unit, index) => [`${unit}und${ten}`, String(10 * (tensIndex + 2) + index + 1)]),
    ),
  ),
  ein: '1',
  eine: '1',
  zwo: '2',
};

/** English and German; what else is spoken comes from configuration. */
export const NUMBER_WORDS: NumberWords = { ...ENGLISH, ...GERMAN };

/** How often the digit behind it is meant. */
export const MULTIPLIERS: Readonly<Record<string, number>> = {
  ...{ double: 2, triple: 3, treble: 3, quadruple: 4 },
  ...{ doppel: 2, doppelt: 2, zweimal: 2, dreifach: 3, dreimal: 3, viermal: 4 },
};

/** Said in the middle of a number without being part of it. */
export const PAUSES: readonly string[] = [
  ...'uh um uhm er erm ah hm hmm mhm mm yeah yes yep ok okay right so sorry'.split(' '),
  ...'äh ähm öh ja genau also die'.split(' '),
  ...'dash hyphen minus space slash dot point punkt strich bindestrich schrägstrich leerzeichen'.split(' '),
];

/** A pause, too, but for telephone numbers the end: "between 1000 and 2000". */
export const CONJUNCTIONS: readonly string[] = ['and', 'then', 'und', 'dann'];

/** Languages write the same words with and without their umlauts. */
export const spellings = (word: string): readonly string[] => {
  const plain = word.replace(/[äöü]/g, (umlaut) => ({ ä: 'ae', ö: 'oe', ü: 'ue' })[umlaut] ?? umlaut);
  return plain === word ? [word] : [word, plain];
};
