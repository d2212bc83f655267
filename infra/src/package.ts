// Zips a built app: `node infra/src/package.ts <app>`, from the repository's root.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipBundle } from './zip-bundle.ts';

const app = process.argv[2];
if (!app) throw new Error('usage: package.ts <app>');
const directory = join('dist/apps', app);

const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => [file, readFileSync(join(directory, file))] as const);
writeFileSync(`${directory}.zip`, zipBundle(new Map(files)));
