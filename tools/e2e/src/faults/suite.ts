import { describeStage } from '@aftercall/local';
import { functionCode, type LoadCode, type SourceChange } from './function-code.ts';
import type { Suite } from './run-stage.ts';
import { SENDER_ENTRY } from './sender.ts';

/** The functions that an outcome meets, the last one only where it is given up. */
export const APPS = [
  'ingest',
  'processor',
  'lake-writer',
  'compliance-router',
  'transcript-fetcher',
  'dead-letters',
] as const;
export type App = (typeof APPS)[number];

/**
 * What a delivery is stored and split by, made small: the way is the same with seven events as with five hundred, and
 * each of its calls can be broken.
 */
const SMALL_THRESHOLDS: readonly SourceChange[] = [
  { file: 'apps/ingest/src/ingest.ts', find: 'MAX_INLINE_EVENTS = 500', replace: 'MAX_INLINE_EVENTS = 6' },
  {
    file: 'apps/processor/src/split-stored-delivery.ts',
    find: 'CHUNK_EVENTS = 500',
    replace: 'CHUNK_EVENTS = 3',
  },
];

/** Builds everything that runs in virtual time: stage `dev` as it is deployed, and its functions from their sources. */
export async function buildSuite(): Promise<Suite> {
  return {
    described: await describeStage('dev'),
    code: await buildFunctions(APPS),
    sender: await functionCode(SENDER_ENTRY),
  };
}

/** The same without one of its functions. */
export const without = (app: App, suite: Suite): Suite => ({
  ...suite,
  code: new Map([...suite.code].filter(([name]) => name !== app)),
});

/** Bundles functions, perhaps with changes. @throws Error when a change does not find its place */
export async function buildFunctions(
  apps: readonly App[],
  changes: readonly SourceChange[] = [],
): Promise<ReadonlyMap<string, LoadCode>> {
  const all = [...SMALL_THRESHOLDS, ...changes];
  const built = apps.map(async (app) => [app, await functionCode(`apps/${app}/src/main.ts`, all)] as const);
  return new Map(await Promise.all(built));
}
