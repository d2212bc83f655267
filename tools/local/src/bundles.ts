import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The built code of the apps, as threads load it. */
export interface Bundles {
  /** @throws Error when the app is not built */
  readonly fileOf: (app: string) => string;
  /** Takes the bundle that is built now. */
  readonly refresh: (app: string) => void;
}

export interface BundlesDeps {
  /** Where `{app}/main.mjs` or `{app}/main.js` lies. */
  readonly distDirectory: string;
  /** Copies go here. */
  readonly folder: string;
  /** Files to load instead of a built app's, by app. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Threads load a copy: a build empties its output folder first, and a thread that starts or loads a
 * lazy part just then, or after a build that failed, must still find a whole bundle.
 */
export function createBundles({ distDirectory, folder, files }: BundlesDeps): Bundles {
  rmSync(folder, { recursive: true, force: true });
  const current = new Map(Object.entries(files));
  let copies = 0;
  const refresh = (app: string): void => {
    if (files[app] !== undefined) return;
    const built = mainFile(join(distDirectory, app));
    if (built === undefined) throw new Error(`${app} is not built: run \`npx nx run ${app}:build\``);
    const copy = join(folder, `${app}-${(copies += 1)}`);
    mkdirSync(folder, { recursive: true });
    cpSync(dirname(built), copy, { recursive: true });
    current.set(app, mainFile(copy) ?? built);
  };
  return {
    fileOf: (app) => {
      if (!current.has(app)) refresh(app);
      return current.get(app) ?? '';
    },
    refresh,
  };
}

/** The entry of a built app, if it is built. */
export function mainFile(folder: string): string | undefined {
  return ['main.mjs', 'main.js'].map((name) => join(folder, name)).find((file) => existsSync(file));
}
