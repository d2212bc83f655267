import type { AppName } from './app-stacks.ts';
import type { StageConfig } from './stage.ts';

/** A function that logs in to Genesys Cloud, and to which organisations. */
export interface GenesysCaller {
  readonly app: AppName;
  readonly orgs: readonly string[];
}

/** The functions of a stage that have something to do with an OAuth client: the compliance router with a tag to set. */
export function genesysCallers(stage: StageConfig): readonly GenesysCaller[] {
  const { genesys = [], partner, transcripts, backfill, compliance, rotation } = stage;
  const hasTags = compliance.rules.rules.some(({ tag }) => tag !== undefined);
  const all = genesys.map(({ org }) => org);
  const among = (sources: readonly { readonly key: string; readonly org?: string }[]) => {
    const spoken = new Set(sources.map(({ key, org }) => org ?? key));
    return all.filter((org) => spoken.has(org));
  };
  return [
    ...(hasTags ? [{ app: 'compliance-router', orgs: all } as const] : []),
    ...(partner ? [{ app: 'partner-ingest', orgs: among(partner) } as const] : []),
    ...(transcripts ? [{ app: 'transcript-fetcher', orgs: all } as const] : []),
    ...(backfill ? [{ app: 'backfill', orgs: among(backfill.sources) } as const] : []),
    ...(rotation ? [{ app: 'secret-rotator', orgs: all } as const] : []),
  ];
}
