import Type, { type Static } from 'typebox';
import type { AppName } from './app-stacks.ts';
import { strict, text } from './stage-fields.ts';

/** The functions that call Genesys Cloud, and so need a way out of a network. */
export const GENESYS_CALLERS = [
  'compliance-router',
  'partner-ingest',
  'transcript-fetcher',
  'backfill',
  'secret-rotator',
] as const satisfies readonly AppName[];

/** A network of the stage's own. Without it functions run in Lambda's, and nothing is paid by the hour. */
export const networkSchema = strict({
  /** Cut into a subnet for each purpose and zone, see `stacks/network.ts`. */
  cidr: text(
    '^(10\\.(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])|172\\.(1[6-9]|2[0-9]|3[01])|192\\.168)\\.0\\.0/16$',
    'must be a private range of sixteen bits such as 10.20.0.0/16',
  ),
  /** The letters of the region's zones. Each costs its own endpoints and its own way out. */
  zones: Type.Array(text('^[a-f]$', 'must be the letter of a zone'), {
    minItems: 1,
    maxItems: 3,
    uniqueItems: true,
    description: 'must list one to three zones, each once',
  }),
  /** The apps whose functions are in it. Must be some of the stage's, see `networkProblems`. */
  functions: Type.Array(Type.String({ description: 'must be the name of an app' }), {
    minItems: 1,
    uniqueItems: true,
    description: 'must list at least one app, each once',
  }),
  /** A Valkey in which containers share their tokens, reached from within only. */
  tokenStore: Type.Optional(Type.Literal(true, { description: 'must be true, or be left out' })),
});

/** A network of the stage's own. */
export type NetworkSettings = Static<typeof networkSchema>;

/** Whether a function of that network calls Genesys Cloud. */
export const isCaller = (app: string): boolean => GENESYS_CALLERS.some((one) => one === app);

/** What a network and the rest of a stage do not allow together, a line each. */
export function networkProblems(
  network: NetworkSettings | undefined,
  stage: { readonly apps: readonly string[]; readonly sharesTokens: boolean },
): readonly string[] {
  if (!network) return [];
  const unknown = network.functions.flatMap((app, index) =>
    stage.apps.includes(app) ? [] : [`network.functions[${index}]: must be one of ${stage.apps.join(', ')}`],
  );
  return [...unknown, ...(network.tokenStore ? tokenStoreProblems(network, stage) : [])];
}

/** Who cannot reach the store would ask for a token of its own each time. */
function tokenStoreProblems(
  { functions }: NetworkSettings,
  { apps, sharesTokens }: { readonly apps: readonly string[]; readonly sharesTokens: boolean },
): readonly string[] {
  if (!sharesTokens) return ['network.tokenStore: needs an organisation in genesys with sharesTokens: true'];
  const outside = GENESYS_CALLERS.filter((app) => apps.includes(app) && !functions.includes(app));
  return outside.map(
    (app) => `network.functions: must list ${app}, which shares tokens in network.tokenStore`,
  );
}
