export { apiBaseUrl, type ApiLocation } from './api-base-url.ts';
export type { AvailableTopic } from './available-topic.ts';
export type { CallBudget } from './call-budget.ts';
export type { Conversation, Participant, Session } from './conversation.ts';
export type { ConversationMetrics, EmpathyScore } from './conversation-metrics.ts';
export type { DetailsJob, DetailsJobResults } from './details-job.ts';
export { type DetailsFilter, type DetailsPage, MAX_QUERY_PAGE_SIZE } from './details-query.ts';
export { type GenesysOrg, parseGenesysOrgs } from './genesys-org.ts';
export { type Operation, type OperationName, OPERATIONS } from './operations.ts';
export { createPlatformApi, type PlatformApi } from './platform-api.ts';
export { downstreamOf, platformApis, type PlatformApisDeps } from './platform-apis.ts';
export {
  type FailedCall,
  GenesysAnswerError,
  GenesysRefusedError,
  GenesysUnavailableError,
  isOfTheRequest,
} from './platform-errors.ts';
export type { RequestDeps } from './platform-request.ts';
export type { Recording, Recordings } from './recordings.ts';
export { createRequestPacer, type RequestPacer, type TooLong, type Turn } from './request-pacer.ts';
export { type RateLimits, rateLimits } from './rate-limits.ts';
export type { TranscriptUrl } from './transcript-url.ts';
