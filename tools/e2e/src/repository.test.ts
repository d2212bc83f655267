import { describe, expect, test } from '@jest/globals';
import { projects, readRepositoryFile, repositoryFiles } from './repository-files.ts';

interface Manifest {
  readonly name: string;
  readonly dependencies?: object;
  readonly devDependencies?: object;
}

describe('the repository', () => {
  test('has a lock file that is the same for everyone: no path of a machine and no address of a registry', () => {
    const { packages } = JSON.parse(readRepositoryFile('package-lock.json')) as {
      packages: Record<string, { resolved?: string; link?: boolean }>;
    };
    const resolved = Object.entries(packages).flatMap(([name, entry]) =>
      entry.resolved === undefined ? [] : [{ name, link: entry.link ?? false, resolved: entry.resolved }],
    );
    // Only the workspace's own links say where they are; everything else comes from whatever registry npm is set to.
    const foreign = resolved.filter(
      ({ link, resolved: target }) => !link || !/^(apps|libs|tools)\/[a-z0-9-]+$|^infra$/.test(target),
    );
    expect(foreign).toEqual([]);
    expect(readRepositoryFile('package-lock.json')).not.toMatch(/file:|"\/|[A-Z]:\\\\/);
  });

  test('has an owner for every app', () => {
    const owned = readRepositoryFile('.github/CODEOWNERS')
      .split('\n')
      .filter((line) => /^\/apps\/[^/]+\/ +@\S+/.test(line))
      .map((line) => line.split('/')[2]);
    const apps = projects().filter(({ folder }) => folder.startsWith('apps/'));
    expect(owned.sort()).toEqual(apps.map(({ name }) => name).sort());
  });

  test.each(projects().map(({ folder }) => folder))(
    'explains %s in a README of about one screen',
    (folder) => {
      const lines = readRepositoryFile(`${folder}/README.md`).split('\n');
      expect(lines[0]).toMatch(/^# \S/);
      expect(lines.length).toBeLessThan(70);
    },
  );

  // Nx knows from these alone what a change affects: reading every source for it would take longer than most tasks.
  test.each(projects())('says in the package.json of $folder which projects it imports', ({ folder }) => {
    const { name, dependencies, devDependencies } = JSON.parse(
      readRepositoryFile(`${folder}/package.json`),
    ) as Manifest;
    const imported = repositoryFiles(`${folder}/*.ts`, `${folder}/*.mjs`).flatMap((file) =>
      [...readRepositoryFile(file).matchAll(/(?:from |import\()'(@aftercall\/[a-z0-9-]+)/g)].map(
        ([, project]) => project,
      ),
    );
    const said = Object.keys({ ...dependencies, ...devDependencies });
    expect(said).toEqual(
      expect.arrayContaining([...new Set(imported)].filter((project) => project !== name)),
    );
  });

  test.each(projects())('lints and tests $folder', ({ targets }) => {
    expect(targets).toEqual(expect.arrayContaining(['lint', 'typecheck', 'test']));
  });

  test.each(repositoryFiles('.github/workflows/*.yml', '.github/workflows/*.yaml'))(
    'pins every action of %s by commit',
    (workflow) => {
      const used = [...readRepositoryFile(workflow).matchAll(/^\s*-?\s*uses:\s*(\S+)/gm)].map(
        ([, action = '']) => action,
      );
      expect(used.length).toBeGreaterThan(0);
      expect(used.filter((action) => !action.startsWith('./') && !/@[0-9a-f]{40}$/.test(action))).toEqual([]);
    },
  );

  test('runs the same checks for a pull request as on a laptop', () => {
    expect(readRepositoryFile('.github/workflows/ci.yml')).toMatch(
      /nx affected -t (?=.*\blint\b)(?=.*\btypecheck\b)(?=.*\btest\b)(?=.*\bbuild\b)/,
    );
  });

  test('has no test that is left out, and none that patches a module', () => {
    const left =
      /\b(?:test|it|describe)\.(?:skip|only|todo)\b|\bx(?:test|it|describe)\(|jest\.(?:mock|spyOn)\(/;
    const tests = repositoryFiles('*.test.ts').filter((file) => !file.endsWith('e2e/src/repository.test.ts'));
    expect(tests.filter((file) => left.test(readRepositoryFile(file)))).toEqual([]);
  });
});
