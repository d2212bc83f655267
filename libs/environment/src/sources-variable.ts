import { type Source, validateSources } from '@aftercall/schemas';
import { makeValidator } from 'envalid';

/** A variable that holds the configured sources as JSON, by their key. */
export const sourcesVariable = makeValidator((text): ReadonlyMap<string, Source> => {
  const value: unknown = JSON.parse(text);
  if (!validateSources(value)) throw new Error('is not a list of sources');
  const byKey = new Map(value.map((source) => [source.key, source]));
  if (byKey.size < value.length) throw new Error('names a source twice');
  return byKey;
});
