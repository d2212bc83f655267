import type { Tree } from '@nx/devkit';
import { createTree } from '@nx/devkit/testing';
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import functionGenerator from './function.ts';

const REPOSITORY = resolve(import.meta.dirname, '../../..');
/** What the generator adds lines to. */
const TOUCHED = [
  '.github/CODEOWNERS',
  'infra/package.json',
  'infra/src/app-stacks.ts',
  'infra/src/routing.ts',
];
const SETTINGS = ['package.json', 'nx.json'];
const TEAM = '@aftercall/growth';

// A tree in memory has no Prettier settings on disk; that the files are formatted is tried on a copy of the repository.
process.env['NX_SKIP_FORMAT'] = 'true';

const pathsOf = (tree: Tree): readonly string[] => tree.listChanges().map(({ path }) => path);
const textOf = (tree: Tree, file: string): string => tree.read(file, 'utf8') ?? '';

/** A workspace in memory, with what the repository has now where the generator adds lines. */
function workspace(): Tree {
  const tree = createTree();
  for (const file of [...TOUCHED, ...SETTINGS])
    tree.write(file, readFileSync(join(REPOSITORY, file), 'utf8'));
  return tree;
}

async function generated(tree: Tree, name: string, team = TEAM): Promise<Tree> {
  await functionGenerator(tree, { name, team, skipInstall: true });
  return tree;
}

describe('a generated function', () => {
  test('is an app, a stack and their tests', async () => {
    const before = workspace();
    const known = new Set(pathsOf(before));
    const made = pathsOf(await generated(before, 'churn-alerts')).filter((path) => !known.has(path));
    expect(made.toSorted()).toEqual([
      'apps/churn-alerts/README.md',
      'apps/churn-alerts/jest.config.js',
      'apps/churn-alerts/package.json',
      'apps/churn-alerts/src/act-on-outcome.ts',
      'apps/churn-alerts/src/config.ts',
      'apps/churn-alerts/src/handler.test.ts',
      'apps/churn-alerts/src/handler.ts',
      'apps/churn-alerts/src/main.ts',
      'apps/churn-alerts/src/process-message.ts',
      'apps/churn-alerts/tsconfig.json',
      'infra/src/stacks/churn-alerts.test.ts',
      'infra/src/stacks/churn-alerts.ts',
    ]);
  });

  test('has a stack, a route, an owner, and is known to infra', async () => {
    const tree = await generated(workspace(), 'churn-alerts');
    expect(textOf(tree, 'infra/src/app-stacks.ts')).toMatch(
      /import \{ churnAlertsStack \} from '\.\/stacks\/churn-alerts\.ts';[^]*'churn-alerts': churnAlertsStack,\n\}/,
    );
    expect(textOf(tree, 'infra/src/routing.ts')).toContain(
      "  'churn-alerts': { facts: outcomes(), target: 'churn-alerts' },\n}",
    );
    expect(textOf(tree, '.github/CODEOWNERS')).toMatch(/^\/apps\/churn-alerts\/ +@aftercall\/growth$/m);
    expect(JSON.parse(textOf(tree, 'infra/package.json'))).toHaveProperty([
      'dependencies',
      '@aftercall/churn-alerts',
    ]);
  });

  test('depends on what it imports, and on nothing else', async () => {
    const tree = await generated(workspace(), 'churn-alerts');
    const sources = pathsOf(tree).filter((path) => /^apps\/.*\.ts$/.test(path));
    const imported = sources.flatMap((path) =>
      [...textOf(tree, path).matchAll(/from '(@aftercall\/[a-z-]+)(?:\/[a-z-]+)?'/g)].map(([, lib]) => lib),
    );
    const { dependencies } = JSON.parse(textOf(tree, 'apps/churn-alerts/package.json')) as {
      dependencies: object;
    };
    expect([...new Set(imported)].toSorted()).toEqual(Object.keys(dependencies).toSorted());
  });

  test.each(['alerts', 'export', 'allow', 'a1', 'crm-2-sync', `a${'-b'.repeat(18)}`])(
    'may be called %s: all of it is whole, and parses',
    async (name) => {
      const tree = await generated(workspace(), name);
      const made = pathsOf(tree).filter((path) => path.includes(name) || TOUCHED.includes(path));
      expect(made.length).toBeGreaterThan(12);
      for (const path of made) {
        expect(textOf(tree, path)).not.toMatch(/<%|%>|__name__/);
        if (path.endsWith('.json')) JSON.parse(textOf(tree, path));
        if (path.endsWith('.ts')) expect(syntaxErrors(textOf(tree, path))).toEqual([]);
      }
    },
  );

  test('leaves room for the next one', async () => {
    const tree = await generated(await generated(workspace(), 'churn-alerts'), 'board-report', '@someone');
    for (const name of ['churn-alerts', 'board-report']) {
      expect(textOf(tree, 'infra/src/routing.ts')).toContain(`'${name}': { facts: outcomes()`);
      expect(textOf(tree, 'infra/src/app-stacks.ts')).toContain(`'${name}': `);
    }
    const owners = textOf(tree, '.github/CODEOWNERS').split('\n');
    const columns = owners.filter((line) => line.startsWith('/apps/')).map((line) => line.indexOf('@'));
    expect(new Set(columns).size).toBe(1);
  });
});

describe('refused, with nothing written, is', () => {
  test.each([
    ['Churn', 'kebab-case'],
    ['churn_alerts', 'kebab-case'],
    ['churn--alerts', 'kebab-case'],
    ['-churn', 'kebab-case'],
    ['2churn', 'kebab-case'],
    ['../churn', 'kebab-case'],
    ['', 'kebab-case'],
    ['a'.repeat(38), 'at most 37 characters'],
    ['churn-dead', 'must not end in -dead'],
    ['events', 'must not be events'],
    ['partner-inbox', 'must not be events or partner-inbox'],
    ['qa-fraud', 'nor begin with qa-'],
    ['lake', 'there is a route of that name'],
    ['transcript', 'there is a route of that name'],
    ['crm', 'there is a route of that name'],
  ])('the name %j', async (name, why) => {
    await expectRefusal(workspace(), name, TEAM, why);
  });

  test('a name that an app, a stack or another project has already', async () => {
    const tree = workspace();
    tree.write('apps/half-made/README.md', 'an app without a package.json');
    tree.write('infra/src/stacks/foundation.ts', 'a stack without an app');
    tree.write('libs/pricing/project.json', JSON.stringify({ name: 'pricing' }));
    await expectRefusal(tree, 'half-made', TEAM, 'there is apps/half-made already');
    await expectRefusal(tree, 'foundation', TEAM, 'there is a stack of that name');
    await expectRefusal(tree, 'pricing', TEAM, 'there is a project of that name');
  });

  test('a function that is there already', async () => {
    const tree = await generated(workspace(), 'churn-alerts');
    tree.write('apps/churn-alerts/src/act-on-outcome.ts', 'what a person wrote');
    await expectRefusal(tree, 'churn-alerts', TEAM, 'there is');
    expect(textOf(tree, 'apps/churn-alerts/src/act-on-outcome.ts')).toBe('what a person wrote');
  });

  test.each(['growth', '', '@', '@a b', 'a@b.example'])('the owner %j', async (team) => {
    await expectRefusal(workspace(), 'churn-alerts', team, 'write @organisation/team or @user');
  });
});

test.each([
  ['without the place', 'export const ROUTES = {};'],
  ['with two such places', '} as const satisfies A;\n} as const satisfies B;'],
])('a list %s is not guessed at', async (_what, text) => {
  const tree = workspace();
  tree.write('infra/src/routing.ts', text);
  await expect(generated(tree, 'churn-alerts')).rejects.toThrow(
    /infra\/src\/routing\.ts is not as it was: add ".*churn-alerts.*" by hand/,
  );
});

async function expectRefusal(tree: Tree, name: string, team: string, why: string): Promise<void> {
  const before = tree.listChanges().map(({ path, content }) => [path, content?.toString()]);
  await expect(generated(tree, name, team)).rejects.toThrow(why);
  expect(tree.listChanges().map(({ path, content }) => [path, content?.toString()])).toEqual(before);
}

function syntaxErrors(source: string): readonly unknown[] {
  const compilerOptions = { module: ts.ModuleKind.ESNext };
  const { diagnostics = [] } = ts.transpileModule(source, { reportDiagnostics: true, compilerOptions });
  return diagnostics.map(({ messageText }) => messageText);
}
