import { AVAILABLE_TOPICS, CATALOGUE, type NamedEntity } from './catalogue.ts';
import { detailsJson, metricsJson, recordingsJson } from './conversation-json.ts';
import { readDetailsQuery } from './details-filter.ts';
import type { DetailsJobs } from './details-jobs.ts';
import { type ApiAnswer, type ApiRequest, badRequest, notFound } from './platform-messages.ts';
import type { TranscriptBehaviour } from './platform-options.ts';
import {
  agentOf,
  type SimulatedConversation,
  type SimulatedConversations,
} from './simulated-conversations.ts';

/** What the routes answer from. */
export interface RouteDeps {
  readonly conversations: SimulatedConversations;
  readonly jobs: DetailsJobs;
  readonly externalTags: Map<string, string>;
  /** Undefined for a client that there is not. */
  renewClientSecret(clientId: string): string | undefined;
  readonly unknownConversations: 'invented' | 'not-found';
  readonly transcodingSeconds: number;
  behaviourOf(communicationId: string): TranscriptBehaviour;
  transcriptUrl(conversation: SimulatedConversation, communicationId: string): string;
  /** Seconds since the first time that this was asked. */
  secondsSinceFirstAsked(what: string): number;
}

/** One endpoint: `ids` are the groups of the path. */
export interface Route {
  readonly method: string;
  readonly path: RegExp;
  /** All of them are needed; of a list within, any. */
  readonly permissions: readonly (string | readonly string[])[];
  answer(ids: readonly string[], request: ApiRequest): ApiAnswer;
}

const ID = '([^/]+)';
const STA = '/api/v2/speechandtextanalytics';
const DETAILS = '/api/v2/analytics/conversations/details';
const DATA_VIEW = ['recording:recording:view', 'speechAndTextAnalytics:data:view'];
const DETAIL_VIEW = [['analytics:conversationDetail:view', 'analytics:agentConversationDetail:view']];

/** All endpoints that there are here. */
export function platformRoutes(deps: RouteDeps): readonly Route[] {
  return [...conversationRoutes(deps), ...detailsRoutes(deps), ...configurationRoutes(deps)];
}

function route(
  method: string,
  path: string,
  permissions: Route['permissions'],
  answer: Route['answer'],
): Route {
  return { method, path: new RegExp(`^${path}$`), permissions, answer };
}

function conversationRoutes(deps: RouteDeps): readonly Route[] {
  const of = (
    id: string | undefined,
    answer: (conversation: SimulatedConversation) => ApiAnswer,
  ): ApiAnswer => {
    const conversation = deps.conversations.byId(id ?? '');
    return conversation === undefined ? notFound() : answer(conversation);
  };
  return [
    route('GET', `${STA}/conversations/${ID}`, DATA_VIEW, ([id]) =>
      of(id, (one) => (one.hasMetrics ? { status: 200, body: metricsJson(one) } : notFound())),
    ),
    route(
      'GET',
      `${STA}/conversations/${ID}/communications/${ID}/transcripturl`,
      DATA_VIEW,
      ([id, communicationId]) => of(id, (one) => transcriptUrlAnswer(one, communicationId ?? '', deps)),
    ),
    route(
      'GET',
      `/api/v2/conversations/${ID}/recordings`,
      [['recording:recording:view', 'recording:recordingSegment:view']],
      ([id]) => of(id, (one) => recordingsAnswer(one, deps)),
    ),
    route('GET', `/api/v2/analytics/conversations/${ID}/details`, DETAIL_VIEW, ([id]) =>
      of(id, (one) => ({ status: 200, body: detailsJson(one, 'without') })),
    ),
    route('PUT', `/api/v2/conversations/${ID}/tags`, ['conversation:externalTag:edit'], ([id], { body }) =>
      of(id, ({ conversationId }) => {
        const { externalTag } = JSON.parse(body) as { externalTag?: unknown };
        if (typeof externalTag !== 'string') return badRequest('externalTag is not a string');
        deps.externalTags.set(conversationId, externalTag);
        return { status: 202, body: 'accepted' };
      }),
    ),
  ];
}

function transcriptUrlAnswer(
  conversation: SimulatedConversation,
  communicationId: string,
  deps: RouteDeps,
): ApiAnswer {
  if (agentOf(conversation, communicationId, deps.unknownConversations) === undefined) return notFound();
  const { readyAfterSeconds = 0, notReadyStatus = 404 } = deps.behaviourOf(communicationId);
  const age = deps.secondsSinceFirstAsked(`transcript ${communicationId}`);
  const isReady = readyAfterSeconds !== 'never' && age >= readyAfterSeconds;
  if (isReady) return { status: 200, body: { url: deps.transcriptUrl(conversation, communicationId) } };
  return notReadyStatus === 202 ? { status: 202 } : notFound();
}

function recordingsAnswer(conversation: SimulatedConversation, deps: RouteDeps): ApiAnswer {
  if (conversation.recordings === 'absent') return notFound();
  const age = deps.secondsSinceFirstAsked(`recordings ${conversation.conversationId}`);
  if (age < deps.transcodingSeconds) return { status: 202 };
  return { status: 200, body: recordingsJson(conversation) };
}

function detailsRoutes({ conversations, jobs }: RouteDeps): readonly Route[] {
  return [
    route('POST', `${DETAILS}/query`, DETAIL_VIEW, (_ids, { body }) => queryAnswer(body, conversations)),
    route('POST', `${DETAILS}/jobs`, DETAIL_VIEW, (_ids, { body }) => jobs.create(body)),
    route('GET', `${DETAILS}/jobs/availability`, DETAIL_VIEW, () => jobs.availability()),
    route('GET', `${DETAILS}/jobs/${ID}`, DETAIL_VIEW, ([id = '']) => jobs.state(id)),
    route('GET', `${DETAILS}/jobs/${ID}/results`, DETAIL_VIEW, ([id = ''], { query }) =>
      jobs.results(id, query),
    ),
    route('DELETE', `${DETAILS}/jobs/${ID}`, DETAIL_VIEW, ([id = '']) => jobs.remove(id)),
  ];
}

const DAY_MILLIS = 86_400_000;

/** Conversations that began on a UTC day that the interval touches. */
function queryAnswer(body: string, conversations: SimulatedConversations): ApiAnswer {
  const query = readDetailsQuery(body, 'query');
  if (query.outcome === 'refused') return badRequest(query.message);
  const from = Math.floor(query.fromMillis / DAY_MILLIS) * DAY_MILLIS;
  const to = Math.ceil(query.toMillis / DAY_MILLIS) * DAY_MILLIS;
  const found = conversations
    .between(from, to)
    .filter((one) => one.startedAt.getTime() >= from && query.matches(one));
  const ordered = query.order === 'asc' ? found : found.toReversed();
  const { pageSize, pageNumber } = query.paging;
  const page = ordered.slice((pageNumber - 1) * pageSize, pageNumber * pageSize);
  return {
    status: 200,
    body: {
      ...(page.length > 0 && { conversations: page.map((one) => detailsJson(one, 'without')) }),
      totalHits: found.length,
    },
  };
}

function configurationRoutes(deps: RouteDeps): readonly Route[] {
  return [
    route('POST', `/api/v2/oauth/clients/${ID}/secret`, ['oauth:client:edit'], ([id = '']) => {
      const secret = deps.renewClientSecret(id);
      return secret === undefined ? notFound() : { status: 200, body: { id, secret } };
    }),
    route('GET', `${STA}/categories`, ['speechAndTextAnalytics:category:view'], (_ids, { query }) =>
      listing(CATALOGUE.categories, query, 25),
    ),
    route('GET', `${STA}/topics`, ['speechAndTextAnalytics:topic:view'], (_ids, { query }) =>
      listing(CATALOGUE.topics, query, 50),
    ),
    route('GET', '/api/v2/notifications/availabletopics', [], () => ({
      status: 200,
      body: { entities: AVAILABLE_TOPICS },
    })),
  ];
}

function listing(entities: readonly NamedEntity[], query: URLSearchParams, maxIds: number): ApiAnswer {
  const ids = query.get('ids')?.split(',');
  if (ids !== undefined && ids.length > maxIds) return badRequest(`no more than ${maxIds} ids`);
  const found = entities.filter(({ id }) => ids?.includes(id) ?? true);
  return {
    status: 200,
    body: { entities: found, pageSize: maxIds, pageNumber: 1, total: found.length, pageCount: 1 },
  };
}
