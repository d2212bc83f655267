import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const REPOSITORY = resolve(import.meta.dirname, '../../..');

/** The repository's files that match, tracked or about to be, as paths from its root. */
export function repositoryFiles(...patterns: readonly string[]): readonly string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...patterns];
  const files = execFileSync('git', args, { cwd: REPOSITORY, encoding: 'utf8' }).split('\n');
  return files.filter((file) => file !== '' && existsSync(join(REPOSITORY, file)));
}

/** The text of one of them. */
export const readRepositoryFile = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8');

/** An Nx project: where it is, what it is called, what it can do. */
export interface Project {
  readonly folder: string;
  readonly name: string;
  readonly targets: readonly string[];
}

/** Every project of the workspace. */
export function projects(): readonly Project[] {
  const files = repositoryFiles(
    'apps/*/package.json',
    'libs/*/package.json',
    'tools/*/package.json',
    'infra/package.json',
  );
  return files.map((file) => {
    const { nx } = JSON.parse(readRepositoryFile(file)) as { nx: { name: string; targets?: object } };
    return {
      folder: file.replace('/package.json', ''),
      name: nx.name,
      targets: Object.keys(nx.targets ?? {}),
    };
  });
}
