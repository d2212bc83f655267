import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { anchorsOf, commandsOf, linksOf, tableRowsOf } from './documents.ts';
import { projects, readRepositoryFile, REPOSITORY, repositoryFiles } from './repository-files.ts';

const DOCUMENTS = repositoryFiles('*.md');

describe('a document is read so that', () => {
  test('its relative links are found, and neither addresses nor code', () => {
    const text =
      '[a](b.md#c) ![d](<e f.png>) [g](https://x.test) `[h](i)`\n```\n[j](k)\n```\n[l]: m.md\n[`n`](o)';
    expect(linksOf(text.replace('e f', 'ef'))).toEqual([
      { path: 'b.md', anchor: 'c' },
      { path: 'ef.png', anchor: undefined },
      { path: 'o', anchor: undefined },
      { path: 'm.md', anchor: undefined },
    ]);
  });

  test('its headings have the anchors that GitHub gives them', () => {
    const text = '# What is `it`?\n## A & B\n## A & B\n```\n# no heading\n```\n### Über [us](x)';
    expect([...anchorsOf(text)]).toEqual(['what-is-it', 'a--b', 'a--b-1', 'über-us']);
  });

  test('its commands are found, and the rows of its tables', () => {
    expect(
      commandsOf('Run `npx nx run a:b`.\n```sh\nnpm start -- --port 1   # note\nX=1 npm test\n```'),
    ).toEqual([
      ['npx', 'nx', 'run', 'a:b'],
      ['npm', 'start', '--', '--port', '1'],
      ['npm', 'test'],
    ]);
    expect(tableRowsOf('| a |\n| - |\n| b |\n\n| c | d |\n|:--|--:|\n| e | f |')).toEqual([
      '| b |',
      '| e | f |',
    ]);
  });
});

describe('the documents', () => {
  test('are there', () => {
    for (const name of ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/mission-coverage.md'])
      expect(DOCUMENTS).toContain(name);
  });

  test.each(DOCUMENTS)('%s links to nothing that is not there', (document) => {
    const broken = linksOf(readRepositoryFile(document)).filter(({ path, anchor }) => {
      const target =
        path === '' ? document : normalize(join(path.startsWith('/') ? '' : dirname(document), path));
      if (target.startsWith('..') || !existsSync(join(REPOSITORY, target))) return true;
      return (
        anchor !== undefined && target.endsWith('.md') && !anchorsOf(readRepositoryFile(target)).has(anchor)
      );
    });
    expect(broken).toEqual([]);
  });

  test('say of everything that was asked for where it is', () => {
    const rows = tableRowsOf(readRepositoryFile('docs/mission-coverage.md'));
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((row) => linksOf(row).length === 0)).toEqual([]);
  });
});

const NPM_COMMANDS = ['ci', 'install', 'start', 'test'];

describe('the commands that the documents name', () => {
  const { scripts } = JSON.parse(readRepositoryFile('package.json')) as { scripts: Record<string, string> };
  const all = projects();
  const commands = DOCUMENTS.flatMap((document) =>
    commandsOf(readRepositoryFile(document)).map((words) => ({ document, words })),
  );
  const startingWith = (...start: readonly string[]) =>
    commands.filter(({ words }) => start.every((word, index) => words[index] === word));
  const isCommand = (word: string | undefined): word is string => /^[a-z][a-z-]*$/.test(word ?? '');

  test('npm run … are scripts', () => {
    const run = startingWith('npm').map(({ document, words: [, ...rest] }) => {
      const [command, script] = rest.filter((word) => !word.startsWith('--'));
      return { document, name: command === 'run' ? script : command };
    });
    expect(run.length).toBeGreaterThan(5);
    const known = (name: string | undefined): boolean =>
      name !== undefined && (name in scripts || NPM_COMMANDS.includes(name));
    // In a sentence, "npm" is a word.
    expect(run.filter(({ name }) => /^[a-z:-]+$/.test(name ?? '') && name !== 'and' && !known(name))).toEqual(
      [],
    );
  });

  test('npx nx g … are generators', () => {
    const generators = startingWith('npx', 'nx', 'g').map(({ words }) => words[3] ?? '');
    expect(generators.length).toBeGreaterThan(0);
    const { generators: known } = JSON.parse(readRepositoryFile('tools/generators/generators.json')) as {
      generators: object;
    };
    const names = Object.keys(known).map((name) => `@aftercall/generators:${name}`);
    expect(generators.filter((generator) => !names.includes(generator))).toEqual([]);
  });

  test('npx nx … are projects and targets', () => {
    const commandsOfNx = startingWith('npx', 'nx').filter(({ words: [, , verb] }) => verb !== 'g');
    const named = commandsOfNx.map(({ document, words }) => ({
      document,
      ...nxNames(words.slice(2)),
    }));
    expect(named.length).toBeGreaterThan(5);
    const unknown = named.flatMap(({ document, project, targets }) => {
      const candidates = project === undefined ? all : all.filter(({ name }) => name === project);
      const has = (target: string): boolean => candidates.some((one) => one.targets.includes(target));
      return targets.filter((target) => !has(target)).map((target) => ({ document, project, target }));
    });
    expect(unknown).toEqual([]);
  });

  test('npx aftercall … are in its help', () => {
    const called = startingWith('npx', 'aftercall').map(({ document, words }) => ({
      document,
      words: words.slice(2),
    }));
    const named = called.filter(({ words: [command] }) => isCommand(command));
    expect(named.length).toBeGreaterThan(3);
    const help = helpReader();
    const unknown = named.filter(({ words: [command = '', subcommand] }) => {
      if (!help().includes(command)) return true;
      const below = help(command);
      return below.length > 0 && isCommand(subcommand) && !below.includes(subcommand);
    });
    expect(unknown).toEqual([]);
  });
});

/** `run project:target`, `target project`, or `affected` and `run-many` with `-t`. */
function nxNames([verb = '', ...rest]: readonly string[]): { project?: string; targets: readonly string[] } {
  if (verb === 'affected' || verb === 'run-many') {
    const start = rest.findIndex((word) => word === '-t' || word === '--targets') + 1;
    const end = rest.findIndex((word, index) => index >= start && word.startsWith('-'));
    return { targets: rest.slice(start, end < 0 ? undefined : end) };
  }
  if (verb === 'run') {
    const [project = '', target = ''] = (rest[0] ?? '').replace(/[.,;)]$/, '').split(':');
    return { project, targets: [target] };
  }
  return { project: (rest[0] ?? '').replace(/[.,;)]$/, ''), targets: [verb] };
}

/** The commands that `aftercall [command] --help` lists. */
function helpReader(): (command?: string) => readonly string[] {
  const read = new Map<string, readonly string[]>();
  return (command = '') => {
    const known = read.get(command);
    if (known) return known;
    const args = [
      join(REPOSITORY, 'tools/cli/bin/aftercall.mjs'),
      ...(command === '' ? [] : [command]),
      '--help',
    ];
    const help = execFileSync(process.execPath, args, {
      cwd: REPOSITORY,
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const [, list = ''] = help.split(/^Commands:$/m);
    const commands = [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name = '']) => name);
    read.set(command, commands);
    return commands;
  };
}
