// node tools/bench/src/set-code-budgets.ts: what every function loads at init now is its budget from now on.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { codePartsAtInit, type Parts } from './code-parts.ts';
import { repository } from './repository.ts';

const FILE = join(repository, 'tools/bench/src/code-budgets.json');

const budgets: Record<string, Parts> = {};
for (const app of readdirSync(join(repository, 'apps'))) budgets[app] = await codePartsAtInit(app);
const style = await resolveConfig(FILE);
writeFileSync(FILE, await format(JSON.stringify(budgets), { ...style, parser: 'json' }));
