import type { Source } from '@aftercall/schemas';
import type { Names } from './names.ts';
import type { StageConfig } from './stage.ts';

/** The stage's sources as the functions read them: each with its secret's name, none with a secret. */
export function sourcesVariable(stage: StageConfig, names: Names): string {
  const sources: readonly Source[] = stage.sources.map((source) => ({
    ...source,
    secretName: names.sourceSecret(source.key),
  }));
  return JSON.stringify(sources);
}
