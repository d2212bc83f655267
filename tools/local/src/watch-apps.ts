import { watch } from 'node:fs';
import { join, sep } from 'node:path';
import type { BuildResult } from './build-apps.ts';

export interface WatchDeps {
  readonly root: string;
  readonly apps: readonly string[];
  readonly build: (apps: readonly string[]) => Promise<BuildResult>;
  /** @returns why the new bundle does not load */
  readonly reload: (app: string) => Promise<string | undefined>;
  readonly say: (line: string) => void;
}

/** Several files saved at once are one change. */
const QUIET_MILLIS = 200;

/** Rebuilds and reloads an app when its source or a library's changes. @returns how to end it */
export function watchApps(deps: WatchDeps): () => void {
  const rebuild = createRebuilder(deps);
  const watchers = ['apps', 'libs'].map((folder) =>
    watch(join(deps.root, folder), { recursive: true }, (_event, file) => {
      if (file !== null) rebuild.changed(appsTouchedBy(`${folder}/${file.split(sep).join('/')}`, deps.apps));
    }),
  );
  return () => {
    watchers.forEach((watcher) => watcher.close());
    rebuild.end();
  };
}

/** A library may be in any app; Nx knows which and takes the others from its cache. */
export function appsTouchedBy(file: string, apps: readonly string[]): readonly string[] {
  const [, kind, project] = /^(apps|libs)\/([\w-]+)\/src\/.*\.ts$/.exec(file) ?? [];
  if (kind === undefined || file.endsWith('.test.ts')) return [];
  return kind === 'libs' ? apps : apps.filter((app) => app === project);
}

/** One rebuild at a time; what changes meanwhile is the next one. */
export function createRebuilder({ build, reload, say }: Pick<WatchDeps, 'build' | 'reload' | 'say'>) {
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let isBuilding = false;
  let hasEnded = false;

  const rebuild = async (): Promise<void> => {
    const apps = [...pending];
    pending.clear();
    isBuilding = true;
    const started = Date.now();
    const result = await build(apps);
    if (!hasEnded) await report(apps, result, started);
    isBuilding = false;
    schedule();
  };
  const report = async (apps: readonly string[], result: BuildResult, started: number): Promise<void> => {
    if (result.outcome === 'failed')
      return say(`${apps.join(', ')}: the build failed, the old code goes on\n${result.output.trim()}`);
    for (const app of apps) {
      const problem = await reload(app).catch(String);
      say(
        problem === undefined
          ? `${app}: reloaded (${Date.now() - started} ms)`
          : `${app}: the new code does not load: ${problem}`,
      );
    }
  };
  const schedule = (): void => {
    clearTimeout(timer);
    if (pending.size > 0 && !isBuilding && !hasEnded) timer = setTimeout(() => void rebuild(), QUIET_MILLIS);
  };
  return {
    changed: (apps: readonly string[]): void => {
      apps.forEach((app) => pending.add(app));
      schedule();
    },
    end: (): void => {
      hasEnded = true;
      clearTimeout(timer);
    },
  };
}
