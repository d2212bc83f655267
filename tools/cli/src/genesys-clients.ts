import { type GenesysOrg, parseGenesysOrgs } from '@aftercall/genesys';
import type { StageConfig } from '@aftercall/infra';
import type { GenesysFunction } from './function-operations.ts';

/** A function's OAuth client in one organisation. */
export interface GenesysClient extends GenesysOrg {
  readonly function: GenesysFunction;
}

/** What of a stage is about Genesys Cloud's own side. */
export interface StageGenesys {
  readonly clients: readonly GenesysClient[];
  /** Organisations whose events come through EventBridge. */
  readonly partnerOrgs: readonly string[];
}

type GenesysStage = Pick<
  StageConfig,
  'genesys' | 'partner' | 'transcripts' | 'backfill' | 'compliance' | 'rotation'
>;

/** Where a function's organisations are reached, and which organisations it works for. */
export function stageGenesys(
  stage: GenesysStage,
  secretName: (org: string, name: GenesysFunction) => string,
): StageGenesys {
  const { genesys = [] } = stage;
  const clients = genesys.flatMap((one) =>
    functionsFor(one.org, stage).map((name): GenesysClient => {
      const named = { ...one, secretName: secretName(one.org, name) };
      const reached = parseGenesysOrgs(JSON.stringify([named])).get(one.org);
      if (reached === undefined) throw new Error(`the organisation ${one.org} cannot be read`);
      return { ...reached, function: name };
    }),
  );
  return { clients, partnerOrgs: orgsOf(stage.partner) };
}

/** A function that has nothing to do in an organisation needs no client there. */
function functionsFor(
  org: string,
  { partner, transcripts, backfill, compliance, rotation }: GenesysStage,
): readonly GenesysFunction[] {
  return [
    ...(orgsOf(partner).includes(org) ? (['partner-ingest'] as const) : []),
    ...(transcripts ? (['transcript-fetcher'] as const) : []),
    ...(orgsOf(backfill?.sources).includes(org) ? (['backfill'] as const) : []),
    ...(compliance.rules.rules.some(({ tag }) => tag !== undefined) ? (['compliance-router'] as const) : []),
    ...(rotation ? (['secret-rotator'] as const) : []),
  ];
}

/** A source without an organisation speaks for its key. */
const orgsOf = (
  sources: readonly { readonly key: string; readonly org?: string }[] = [],
): readonly string[] => [...new Set(sources.map(({ key, org }) => org ?? key))];
