import type { StageConfig } from './stage.ts';

/** A function that logs in to Genesys Cloud, and to which organisations. */
export interface GenesysCaller {
  readonly app: 'compliance-router' | 'partner-ingest' | 'transcript-fetcher' | 'backfill' | 'secret-rotator';
  readonly orgs: readonly string[];
}

/** The part of a stage that decides who calls Genesys Cloud, and for which organisations. */
export type GenesysStage = Pick<
  StageConfig,
  'genesys' | 'partner' | 'transcripts' | 'backfill' | 'compliance' | 'rotation'
>;

/** The functions of a stage that have something to do with an OAuth client: the compliance router with a tag to set. */
export function genesysCallers({
  genesys = [],
  partner,
  transcripts,
  backfill,
  compliance,
  rotation,
}: GenesysStage): readonly GenesysCaller[] {
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
