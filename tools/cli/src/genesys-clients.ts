import { type GenesysOrg, parseGenesysOrgs } from '@aftercall/genesys';
import type { GenesysCaller, GenesysStage } from '@aftercall/infra';
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

/** Where a function's organisations are reached, and which organisations it works for. */
export function stageGenesys(
  { genesys = [], partner }: GenesysStage,
  callers: readonly GenesysCaller[],
  secretName: (org: string, name: GenesysFunction) => string,
): StageGenesys {
  const clients = genesys.flatMap((one) =>
    callersIn(one.org, callers).map((name): GenesysClient => {
      const named = { ...one, secretName: secretName(one.org, name) };
      const reached = parseGenesysOrgs(JSON.stringify([named])).get(one.org);
      if (reached === undefined) throw new Error(`the organisation ${one.org} cannot be read`);
      return { ...reached, function: name };
    }),
  );
  return { clients, partnerOrgs: orgsOf(partner) };
}

/** A function that has nothing to do in an organisation needs no client there. */
const callersIn = (org: string, callers: readonly GenesysCaller[]): readonly GenesysFunction[] =>
  callers.filter(({ orgs }) => orgs.includes(org)).map(({ app }) => app);

/** A source without an organisation speaks for its key. */
const orgsOf = (
  sources: readonly { readonly key: string; readonly org?: string }[] = [],
): readonly string[] => [...new Set(sources.map(({ key, org }) => org ?? key))];
