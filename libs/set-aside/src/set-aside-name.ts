import { createHash } from 'node:crypto';

import type { SetAsideKind } from './index-store.ts';

/** DynamoDB takes 1,024 bytes of sort key and S3 1,024 of object key; this leaves room for the rest of either. */
const MAX_NAME_BYTES = 512;
const MAX_TEXT_LENGTH = 1_024;

/**
 * The id as it stands in keys: itself, or its SHA-256 where S3 or DynamoDB could not hold it.
 * The hash is over UTF-16 code units, because lone surrogates would all become one character in UTF-8.
 */
export function nameOf(id: string): string {
  if (id !== '' && id.isWellFormed() && encodeURIComponent(id).length <= MAX_NAME_BYTES) return id;
  return `sha256-${createHash('sha256').update(Buffer.from(id, 'utf16le')).digest('hex')}`;
}

/** Where the body of one item lies. */
export function objectKey(kind: SetAsideKind, source: string, id: string): string {
  return `${kind}/${encodeURIComponent(nameOf(source))}/${encodeURIComponent(nameOf(id))}.json`;
}

/** Foreign text as the index may hold it: DynamoDB refuses lone surrogates, and nothing needs 10,000 characters. */
export function indexText(text: string): string {
  return text.slice(0, MAX_TEXT_LENGTH).toWellFormed();
}
