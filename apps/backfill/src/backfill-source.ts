import { orgOf } from '@aftercall/schemas';

/** A source whose conversations are gone through: the organisation it speaks for, and which media count. */
export interface BackfillSource {
  readonly key: string;
  readonly org: string;
  /** Empty: all. */
  readonly mediaTypes: readonly string[];
}

/** @throws Error for a list that is none, is empty or names a source twice */
export function parseBackfillSources(text: string): ReadonlyMap<string, BackfillSource> {
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list) || list.length === 0) throw new Error('is not a list of sources');
  const sources = list.map(backfillSource);
  const byKey = new Map(sources.map((source) => [source.key, source]));
  if (byKey.size < sources.length) throw new Error('names a source twice');
  return byKey;
}

function backfillSource(entry: unknown): BackfillSource {
  if (!hasKey(entry)) throw new Error('has a source without a key');
  const { key, org, mediaTypes = [] } = entry;
  if (org !== undefined && typeof org !== 'string') throw new Error('has an org that is none');
  if (!isTexts(mediaTypes)) throw new Error('has media types that are none');
  return { key, org: orgOf({ key, ...(org !== undefined && { org }) }), mediaTypes };
}

const hasKey = (
  entry: unknown,
): entry is { readonly key: string; readonly org?: unknown; readonly mediaTypes?: unknown } =>
  typeof entry === 'object' &&
  entry !== null &&
  'key' in entry &&
  typeof entry.key === 'string' &&
  entry.key !== '';

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');
