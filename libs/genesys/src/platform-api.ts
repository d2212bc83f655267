import { answerFields } from './answer-fields.ts';
import { type AvailableTopic, availableTopics } from './available-topic.ts';
import type { CallBudget } from './call-budget.ts';
import { conversation, type Conversation } from './conversation.ts';
import { conversationMetrics, type ConversationMetrics } from './conversation-metrics.ts';
import { detailsJob, type DetailsJob, detailsJobResults, type DetailsJobResults } from './details-job.ts';
import { detailsFilterBody, type DetailsFilter, type DetailsPage, detailsPage } from './details-query.ts';
import type { PlatformRequest } from './http-exchange.ts';
import type { PlatformAnswer } from './judged-answer.ts';
import { namesById } from './names-by-id.ts';
import { platformRequest, type RequestDeps } from './platform-request.ts';
import { recordings, type Recordings } from './recordings.ts';
import { createRequestPacer } from './request-pacer.ts';
import { transcriptUrl, type TranscriptUrl } from './transcript-url.ts';

/**
 * Genesys Cloud's Platform API, as far as Aftercall uses it. Every call may reject with `GenesysUnavailableError`
 * (try again later), `GenesysRefusedError` (somebody must act), `GenesysAnswerError` (report it), or with an error
 * of the token source.
 */
export interface PlatformApi {
  /** Undefined when there are none, or not yet. */
  conversationMetrics(conversationId: string, budget: CallBudget): Promise<ConversationMetrics | undefined>;
  transcriptUrl(conversationId: string, communicationId: string, budget: CallBudget): Promise<TranscriptUrl>;
  recordings(conversationId: string, budget: CallBudget): Promise<Recordings>;
  /** Undefined when analytics does not know it, or not yet. */
  conversationDetails(conversationId: string, budget: CallBudget): Promise<Conversation | undefined>;
  /** Conversations that began on a UTC day that the interval touches. Pages count from 1. */
  queryDetails(
    filter: DetailsFilter,
    page: { pageNumber: number; pageSize: number },
    budget: CallBudget,
  ): Promise<DetailsPage>;
  /** A job for conversations that were under way in the interval. */
  createDetailsJob(filter: DetailsFilter, budget: CallBudget): Promise<string>;
  /** Undefined when there is no such job, or no longer. */
  detailsJob(jobId: string, budget: CallBudget): Promise<DetailsJob | undefined>;
  detailsJobResults(
    jobId: string,
    page: { cursor: string | undefined; pageSize: number },
    budget: CallBudget,
  ): Promise<DetailsJobResults>;
  /** A job that is not there any more is no failure. */
  deleteDetailsJob(jobId: string, budget: CallBudget): Promise<void>;
  /** Until when the data lake, which jobs read, is complete. */
  detailsAvailableUntil(budget: CallBudget): Promise<Date>;
  /** Names by id; ids that nobody knows are left out. */
  categoryNames(ids: readonly string[], budget: CallBudget): Promise<ReadonlyMap<string, string>>;
  /** Names by id; ids that nobody knows are left out. */
  topicNames(ids: readonly string[], budget: CallBudget): Promise<ReadonlyMap<string, string>>;
  availableTopics(budget: CallBudget): Promise<readonly AvailableTopic[]>;
  /** Makes a new secret for an OAuth client, and answers it; the one before is void. */
  renewClientSecret(clientId: string, budget: CallBudget): Promise<string>;
  /** Replaces the conversation's tag. */
  setExternalTag(conversationId: string, externalTag: string, budget: CallBudget): Promise<void>;
}

/** @see https://developer.genesys.cloud/devapps/api-explorer for the bounds */
const CATEGORY_IDS_AT_ONCE = 25;
const TOPIC_IDS_AT_ONCE = 50;

/** A client for one OAuth client's tokens: it learns their rate limit from the answers and keeps to it. */
export function createPlatformApi(deps: RequestDeps): PlatformApi {
  const paced = { ...deps, pacer: createRequestPacer(deps.clock) };
  const { watch = (call) => call } = deps;
  const call = watch((request: PlatformRequest, budget: CallBudget) =>
    platformRequest(request, budget, paced),
  );
  return { ...conversationCalls(call), ...detailsCalls(call), ...configurationCalls(call) };
}

type Call = (request: PlatformRequest, budget: CallBudget) => Promise<PlatformAnswer>;

type ConversationCalls = Pick<
  PlatformApi,
  'conversationMetrics' | 'transcriptUrl' | 'recordings' | 'conversationDetails' | 'setExternalTag'
>;

function conversationCalls(call: Call): ConversationCalls {
  return {
    conversationMetrics: async (conversationId, budget) =>
      unlessNotFound(
        await call({ operation: 'conversationMetrics', ids: [conversationId] }, budget),
        conversationMetrics,
      ),
    transcriptUrl: async (conversationId, communicationId, budget) =>
      transcriptUrl(
        await call({ operation: 'transcriptUrl', ids: [conversationId, communicationId] }, budget),
      ),
    recordings: async (conversationId, budget) => {
      // We want the list and not the sound, so nothing needs to be transcoded for us.
      const query = { formatId: 'NONE' };
      return recordings(await call({ operation: 'recordings', ids: [conversationId], query }, budget));
    },
    conversationDetails: async (conversationId, budget) =>
      unlessNotFound(
        await call({ operation: 'conversationDetails', ids: [conversationId] }, budget),
        (answer) => conversation(answerFields(answer)),
      ),
    setExternalTag: async (conversationId, externalTag, budget) => {
      await call({ operation: 'setExternalTag', ids: [conversationId], body: { externalTag } }, budget);
    },
  };
}

type DetailsCalls = Pick<
  PlatformApi,
  | 'queryDetails'
  | 'createDetailsJob'
  | 'detailsJob'
  | 'detailsJobResults'
  | 'deleteDetailsJob'
  | 'detailsAvailableUntil'
>;

function detailsCalls(call: Call): DetailsCalls {
  return {
    queryDetails: async (filter, paging, budget) => {
      const body = { ...detailsFilterBody(filter), paging };
      return detailsPage(await call({ operation: 'detailsQuery', body }, budget));
    },
    createDetailsJob: async (filter, budget) => {
      const body = detailsFilterBody(filter);
      return answerFields(await call({ operation: 'createDetailsJob', body }, budget)).requiredText('jobId');
    },
    detailsJob: async (jobId, budget) =>
      unlessNotFound(await call({ operation: 'detailsJob', ids: [jobId] }, budget), detailsJob),
    detailsJobResults: async (jobId, { cursor, pageSize }, budget) => {
      const query = { pageSize: String(pageSize), ...(cursor !== undefined && { cursor }) };
      return detailsJobResults(
        await call({ operation: 'detailsJobResults', ids: [jobId], query }, budget),
        cursor,
      );
    },
    deleteDetailsJob: async (jobId, budget) => {
      await call({ operation: 'deleteDetailsJob', ids: [jobId] }, budget);
    },
    detailsAvailableUntil: async (budget) =>
      answerFields(await call({ operation: 'detailsAvailability' }, budget)).requiredDate(
        'dataAvailabilityDate',
      ),
  };
}

type ConfigurationCalls = Pick<
  PlatformApi,
  'categoryNames' | 'topicNames' | 'availableTopics' | 'renewClientSecret'
>;

function configurationCalls(call: Call): ConfigurationCalls {
  return {
    categoryNames: (ids, budget) =>
      namesById(ids, CATEGORY_IDS_AT_ONCE, (query) => call({ operation: 'categories', query }, budget)),
    topicNames: (ids, budget) =>
      namesById(ids, TOPIC_IDS_AT_ONCE, (query) => call({ operation: 'topics', query }, budget)),
    availableTopics: async (budget) => {
      const query = { expand: 'transports,requiresPermissions' };
      return availableTopics(await call({ operation: 'availableTopics', query }, budget));
    },
    renewClientSecret: async (clientId, budget) =>
      answerFields(await call({ operation: 'renewClientSecret', ids: [clientId] }, budget)).requiredText(
        'secret',
      ),
  };
}

function unlessNotFound<T>(answer: PlatformAnswer, read: (answer: PlatformAnswer) => T): T | undefined {
  return answer.status === 404 ? undefined : read(answer);
}
