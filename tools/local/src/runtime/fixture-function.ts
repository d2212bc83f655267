import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for one test. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'aftercall-local-'));
}

/** Writes a bundle whose handler has this body; `event` and `context` are in scope. */
export function fixtureBundle(body: string, top = ''): string {
  const file = join(temporaryFolder(), 'main.mjs');
  writeFileSync(file, `${top}\nexport const handler = async (event, context) => {\n${body}\n};\n`);
  return file;
}
