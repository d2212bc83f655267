import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const PAGE = resolve(import.meta.dirname, '../../docs/lake.md');

/** SQL of the page, under the heading that it stands below. */
export interface PageQuery {
  readonly heading: string;
  readonly sql: string;
}

/** The page's queries of one kind: a test runs them as they are, so what is deployed is what was tried. */
export function pageQueries(kind: 'query' | 'view' | 'iceberg'): readonly PageQuery[] {
  let heading = '';
  const found: PageQuery[] = [];
  for (const [, title, of, sql = ''] of readFileSync(PAGE, 'utf8').matchAll(
    /^#{2,} (.+)$|^```sql ?(\w*)\n([^]*?)\n```$/gm,
  )) {
    if (title !== undefined) heading = title;
    else if (of === kind) found.push({ heading, sql });
  }
  return found;
}

/**
 * The one statement of the page, of that kind, that begins so.
 *
 * @throws Error when there is none
 */
export function pageStatement(kind: 'view' | 'iceberg', beginning: string): string {
  const statement = pageQueries(kind).find(({ sql }) => sql.startsWith(beginning));
  if (!statement) throw new Error(`docs/lake.md has no statement ${beginning}`);
  return statement.sql;
}
