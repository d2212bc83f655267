import { join } from 'node:path';
import { type FunctionHost, type FunctionLimits, startHost } from './function-host.ts';
import type { IdleStage } from './idle-stage.ts';
import { repository } from './repository.ts';

/** Where a built app's function is. */
export const bundleOf = (app: string): string => join(repository, `dist/apps/${app}/main.mjs`);

/** Loads a built function of the stage in a process of its own, which ends afterwards. */
export async function withFunction<T>(
  stage: IdleStage,
  app: string,
  use: (host: FunctionHost) => Promise<T>,
  { limits, variables = {} }: FunctionSettings = {},
): Promise<T> {
  const environment = { ...stage.variablesOf(app), ...variables };
  const host = await startHost({ environment, ...(limits && { limits }) });
  try {
    await host.load(bundleOf(app));
    return await use(host);
  } finally {
    await host.stop();
  }
}

/** In what a function may differ from the stage's. */
export interface FunctionSettings {
  readonly limits?: FunctionLimits;
  readonly variables?: Readonly<Record<string, string>>;
}
