import { type Operation, type OperationName, OPERATIONS } from '@aftercall/genesys';

/** Which calls of the Platform API each function makes, with an OAuth client of its own. */
export const FUNCTION_OPERATIONS = {
  'partner-ingest': ['categories'],
  'transcript-fetcher': ['recordings', 'conversationDetails', 'transcriptUrl'],
  backfill: [
    'detailsAvailability',
    'createDetailsJob',
    'detailsJob',
    'detailsJobResults',
    'detailsQuery',
    'conversationMetrics',
  ],
  'compliance-router': ['setExternalTag'],
  'secret-rotator': ['renewClientSecret'],
} as const satisfies Readonly<Record<string, readonly OperationName[]>>;

/** A function that logs in to Genesys Cloud. */
export type GenesysFunction = keyof typeof FUNCTION_OPERATIONS;

/**
 * What the role of a function's OAuth client must grant; `or` between two means that either will do. Where one of the
 * two is needed anyway, nothing is said of the other.
 */
export function permissionsOf(name: GenesysFunction): readonly string[] {
  const needed = FUNCTION_OPERATIONS[name].flatMap((operation): readonly string[] => {
    const { permissions }: Operation = OPERATIONS[operation];
    return permissions;
  });
  const isSaid = (one: string): boolean =>
    one.includes(' or ') && one.split(' or ').some((either) => needed.includes(either));
  return [...new Set(needed)].filter((one) => !isSaid(one));
}
