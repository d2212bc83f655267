import type { PlatformAnswer } from './judged-answer.ts';
import { GenesysAnswerError } from './platform-errors.ts';

/**
 * Reads the fields that we use out of an answer. What we cannot do without must be there; the rest counts as absent
 * when it is not of the form that we know, because Genesys Cloud adds and changes fields as it likes.
 */
export interface AnswerFields {
  text(name: string): string | undefined;
  /** @throws GenesysAnswerError */
  requiredText(name: string): string;
  number(name: string): number | undefined;
  /** RFC 3339. */
  date(name: string): Date | undefined;
  /** @throws GenesysAnswerError */
  requiredDate(name: string): Date;
  isTrue(name: string): boolean;
  fields(name: string): AnswerFields;
  /** Empty when it is absent, as Genesys Cloud leaves out what is empty. */
  list(name: string): readonly AnswerFields[];
  texts(name: string): readonly string[];
}

/** @throws GenesysAnswerError when the answer is no object */
export function answerFields({ json, call }: PlatformAnswer): AnswerFields {
  if (!isObject(json)) throw new GenesysAnswerError(call, 'was answered with something else than an object');
  return fieldsOf(json, '', call);
}

/** @throws GenesysAnswerError when the answer is no list */
export function answerList({ json, call }: PlatformAnswer): readonly AnswerFields[] {
  if (!Array.isArray(json))
    throw new GenesysAnswerError(call, 'was answered with something else than a list');
  const items: readonly unknown[] = json;
  return items.map((item, index) => fieldsOf(isObject(item) ? item : {}, `/${index}`, call));
}

type FailedCall = PlatformAnswer['call'];
type JsonObject = Readonly<Record<string, unknown>>;

/** @param at a JSON pointer, for the error */
function fieldsOf(object: JsonObject, at: string, call: FailedCall): AnswerFields {
  const items = (name: string): readonly unknown[] => {
    const value = object[name];
    return Array.isArray(value) ? value : [];
  };
  const required = <T>(name: string, value: T | undefined): T => {
    if (value === undefined) throw new GenesysAnswerError(call, `was answered without ${at}/${name}`);
    return value;
  };
  const fields: AnswerFields = {
    text: (name) => textOf(object[name]),
    requiredText: (name) => required(name, textOf(object[name])),
    number: (name) => (Number.isFinite(object[name]) ? Number(object[name]) : undefined),
    date: (name) => dateOf(object[name]),
    requiredDate: (name) => required(name, dateOf(object[name])),
    isTrue: (name) => object[name] === true,
    fields: (name) => {
      const value = object[name];
      return fieldsOf(isObject(value) ? value : {}, `${at}/${name}`, call);
    },
    list: (name) =>
      items(name).map((item, index) => fieldsOf(isObject(item) ? item : {}, `${at}/${name}/${index}`, call)),
    texts: (name) => items(name).filter((item) => typeof item === 'string'),
  };
  return fields;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** `Date.parse` takes many other texts for dates. */
function dateOf(value: unknown): Date | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
