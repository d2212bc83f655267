/** One endpoint of the Platform API, as far as we use it. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Each `{}` is an id. */
  readonly path: string;
  /** What a role of the OAuth client must grant; `or` between two means that either will do. */
  readonly permissions: readonly string[];
  /** Statuses besides 2xx that are an answer and not a failure. */
  readonly alsoAnswers?: readonly number[];
  /** A longer answer is not read. */
  readonly maxAnswerBytes: number;
}

const MIB = 1024 * 1024;
const CONVERSATION_DETAIL = ['analytics:conversationDetail:view'];
const TRANSCRIPTS = ['recording:recording:view', 'speechAndTextAnalytics:data:view'];
const JOBS = '/api/v2/analytics/conversations/details/jobs';
const ANALYTICS = '/api/v2/speechandtextanalytics';

/**
 * Every call that we make, with the permission that it needs.
 *
 * @see https://developer.genesys.cloud/devapps/api-explorer
 */
export const OPERATIONS = {
  conversationMetrics: {
    method: 'GET',
    path: `${ANALYTICS}/conversations/{}`,
    permissions: TRANSCRIPTS,
    alsoAnswers: [404],
    maxAnswerBytes: MIB,
  },
  transcriptUrl: {
    method: 'GET',
    path: `${ANALYTICS}/conversations/{}/communications/{}/transcripturl`,
    permissions: TRANSCRIPTS,
    alsoAnswers: [404],
    maxAnswerBytes: MIB,
  },
  recordings: {
    method: 'GET',
    path: '/api/v2/conversations/{}/recordings',
    permissions: ['recording:recording:view or recording:recordingSegment:view'],
    alsoAnswers: [404],
    maxAnswerBytes: 16 * MIB,
  },
  conversationDetails: {
    method: 'GET',
    path: '/api/v2/analytics/conversations/{}/details',
    permissions: CONVERSATION_DETAIL,
    alsoAnswers: [404],
    maxAnswerBytes: 16 * MIB,
  },
  detailsQuery: {
    method: 'POST',
    path: '/api/v2/analytics/conversations/details/query',
    permissions: CONVERSATION_DETAIL,
    maxAnswerBytes: 32 * MIB,
  },
  createDetailsJob: {
    method: 'POST',
    path: JOBS,
    permissions: CONVERSATION_DETAIL,
    maxAnswerBytes: MIB,
  },
  detailsJob: {
    method: 'GET',
    path: `${JOBS}/{}`,
    permissions: CONVERSATION_DETAIL,
    alsoAnswers: [404],
    maxAnswerBytes: MIB,
  },
  detailsJobResults: {
    method: 'GET',
    path: `${JOBS}/{}/results`,
    permissions: CONVERSATION_DETAIL,
    maxAnswerBytes: 32 * MIB,
  },
  deleteDetailsJob: {
    method: 'DELETE',
    path: `${JOBS}/{}`,
    permissions: CONVERSATION_DETAIL,
    alsoAnswers: [404],
    maxAnswerBytes: MIB,
  },
  detailsAvailability: {
    method: 'GET',
    path: `${JOBS}/availability`,
    permissions: CONVERSATION_DETAIL,
    maxAnswerBytes: MIB,
  },
  categories: {
    method: 'GET',
    path: `${ANALYTICS}/categories`,
    permissions: ['speechAndTextAnalytics:category:view'],
    maxAnswerBytes: 4 * MIB,
  },
  topics: {
    method: 'GET',
    path: `${ANALYTICS}/topics`,
    permissions: ['speechAndTextAnalytics:topic:view'],
    maxAnswerBytes: 4 * MIB,
  },
  availableTopics: {
    method: 'GET',
    path: '/api/v2/notifications/availabletopics',
    permissions: [],
    maxAnswerBytes: 16 * MIB,
  },
  renewClientSecret: {
    method: 'POST',
    path: '/api/v2/oauth/clients/{}/secret',
    permissions: ['oauth:client:edit'],
    maxAnswerBytes: MIB,
  },
  setExternalTag: {
    method: 'PUT',
    path: '/api/v2/conversations/{}/tags',
    permissions: ['conversation:externalTag:edit'],
    maxAnswerBytes: MIB,
  },
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationName = keyof typeof OPERATIONS;
