import { type Source, validateSources } from '@aftercall/schemas';

/** The configured sources as JSON, by their key. */
export function sources(text: string): ReadonlyMap<string, Source> {
  const value: unknown = JSON.parse(text);
  if (!validateSources(value)) throw new Error('is not a list of sources');
  const byKey = new Map(value.map((source) => [source.key, source]));
  if (byKey.size < value.length) throw new Error('names a source twice');
  return byKey;
}
