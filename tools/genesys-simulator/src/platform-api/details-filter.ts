import type { SimulatedConversation } from './simulated-conversations.ts';

/** A query that can be answered, or why it cannot: the sentence for the 400. */
export type DetailsQuery =
  | {
      readonly outcome: 'query';
      readonly fromMillis: number;
      readonly toMillis: number;
      readonly order: 'asc' | 'desc';
      readonly paging: { readonly pageSize: number; readonly pageNumber: number };
      matches(conversation: SimulatedConversation): boolean;
    }
  | { readonly outcome: 'refused'; readonly message: string };

type JsonObject = Readonly<Record<string, unknown>>;
interface Predicate {
  readonly dimension?: unknown;
  readonly operator?: unknown;
  readonly value?: unknown;
}

const FILTERS = [
  'conversationFilters',
  'segmentFilters',
  'evaluationFilters',
  'surveyFilters',
  'resolutionFilters',
];
const QUERY_KEYS = [...FILTERS, 'order', 'orderBy', 'interval', 'aggregations', 'paging'];
const JOB_KEYS = [...FILTERS, 'order', 'orderBy', 'interval', 'limit', 'startOfDayIntervalMatching'];
const MAX_PAGE_SIZE = 100;

/** Reads the body of a query or of a job as Genesys Cloud does: what it does not know, it refuses. */
export function readDetailsQuery(text: string, kind: 'query' | 'job'): DetailsQuery {
  const body = parsed(text);
  if (body === undefined) return refused('the body is not a JSON object');
  const unknown = Object.keys(body).find((key) => !(kind === 'query' ? QUERY_KEYS : JOB_KEYS).includes(key));
  if (unknown !== undefined) return refused(`unknown field ${unknown}`);
  const [from, to] = String(body['interval'])
    .split('/')
    .map((part) => Date.parse(part));
  if (from === undefined || to === undefined || !(from < to)) return refused('interval is not one');
  const { pageSize = 25, pageNumber = 1 } = (body['paging'] ?? {}) as {
    pageSize?: number;
    pageNumber?: number;
  };
  if (pageSize < 1 || pageSize > MAX_PAGE_SIZE)
    return refused(`pageSize is not between 1 and ${MAX_PAGE_SIZE}`);
  const filters = [...list(body['conversationFilters']), ...list(body['segmentFilters'])];
  const strange = filters
    .flatMap((filter) => list(filter['predicates']))
    .find((predicate) => !isKnown(predicate));
  if (strange !== undefined)
    return refused(`this simulator has no predicate on ${String(strange['dimension'])}`);
  return {
    outcome: 'query',
    fromMillis: from,
    toMillis: to,
    order: body['order'] === 'desc' ? 'desc' : 'asc',
    paging: { pageSize, pageNumber },
    matches: (conversation) => filters.every((filter) => passes(filter, conversation)),
  };
}

function passes(filter: JsonObject, conversation: SimulatedConversation): boolean {
  const results = list(filter['predicates']).map((predicate) => holds(predicate, conversation));
  return filter['type'] === 'or' ? results.some(Boolean) : results.every(Boolean);
}

function holds(
  { dimension, operator = 'matches', value }: Predicate,
  conversation: SimulatedConversation,
): boolean {
  const actual: unknown = {
    mediaType: conversation.mediaType,
    conversationId: conversation.conversationId,
    conversationEnd: conversation.endedAt?.toISOString(),
  }[String(dimension)];
  if (operator === 'exists') return actual !== undefined;
  return operator === 'notExists' ? actual === undefined : actual === value;
}

const isKnown = ({ dimension }: Predicate): boolean =>
  ['mediaType', 'conversationId', 'conversationEnd'].includes(String(dimension));

const refused = (message: string): DetailsQuery => ({ outcome: 'refused', message });

const list = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : []);

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}
