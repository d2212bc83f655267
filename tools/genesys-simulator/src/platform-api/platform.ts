import { seededRandom } from '../random.ts';
import { createAccessTokens } from './access-tokens.ts';
import { createDetailsJobs } from './details-jobs.ts';
import { type BrokenAnswer, createFaults, type FaultRule, faultyAnswer } from './faults.ts';
import { type ApiAnswer, type ApiRequest, errorAnswer, notFound } from './platform-messages.ts';
import {
  type ConversationInput,
  type JobBehaviour,
  type PlatformClient,
  type PlatformOptions,
  TEST_CLIENT,
  type TranscriptBehaviour,
} from './platform-options.ts';
import { platformRoutes, type Route } from './platform-routes.ts';
import { createRateLimiter, rateHeaders } from './rate-limiter.ts';
import { createConversations } from './simulated-conversations.ts';
import { createTranscriptHost, type TranscriptAnswer, type TranscriptRequest } from './transcript-host.ts';

/** What a test or a demonstration does to the tenant while it runs. */
export interface PlatformControls {
  addConversation(input: ConversationInput): { conversationId: string; communicationIds: readonly string[] };
  /** For one communication; in place of what the options say. */
  setTranscript(communicationId: string, behaviour: TranscriptBehaviour): void;
  /** For jobs that are created from now on. */
  setJobs(behaviour: JobBehaviour): void;
  setDataLag(seconds: number): void;
  addFault(rule: FaultRule): void;
  clearFaults(): void;
  /** Every token that was given out is refused from now on. */
  revokeTokens(): void;
  /** Of tokens that are given out from now on. */
  setTokenLifetime(seconds: number): void;
  /** From now on the client logs in with this secret alone. */
  setClientSecret(clientId: string, clientSecret: string): void;
  /** One more OAuth client of the tenant. */
  addClient(client: PlatformClient): void;
  /** How far Genesys Cloud's clock is ahead of ours. */
  setClockSkew(seconds: number): void;
  /** By conversation id. */
  externalTags(): Readonly<Record<string, string>>;
  /** Every request so far, in order. */
  requests(): readonly RecordedRequest[];
}

/** What a request was like, without what must not be kept. */
export interface RecordedRequest {
  readonly host: 'login' | 'api' | 'transcripts';
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly status: number | 'none';
  /** Whether it bore an `Authorization` header. */
  readonly authorization: 'present' | 'absent';
}

/** A tenant of Genesys Cloud in memory: it answers requests and knows nothing of servers. */
export interface Platform extends PlatformControls {
  /** By Genesys Cloud's clock. */
  now(): Date;
  answer(request: ApiRequest): ApiAnswer | BrokenAnswer;
  transcript(request: TranscriptRequest): TranscriptAnswer | 'stall';
}

/** @param transcriptsUrl of the server for transcripts, when it is known */
export function createPlatform(options: PlatformOptions, transcriptsUrl: () => string): Platform {
  const { seed, clients = [TEST_CLIENT], unknownConversations = 'not-found' } = options;
  let skewSeconds = 0;
  const now = () => new Date(options.now().getTime() + skewSeconds * 1000);
  const random = seededRandom(seed);
  let tokenLifetimeSeconds = options.tokenLifetimeSeconds ?? 86_399;
  const lifetimeSeconds = () => tokenLifetimeSeconds;
  const tokens = createAccessTokens({ clients, seed, lifetimeSeconds, now: options.now });
  const rateOf = createRateLimiter({ allowed: options.requestsPerMinute ?? 300, now: options.now });
  const conversations = createConversations(options);
  const faults = createFaults(options.faults ?? []);
  const jobs = createDetailsJobs({
    conversations,
    behaviour: options.jobs ?? {},
    dataLagSeconds: options.dataLagSeconds ?? 0,
    now,
    newJobId: () => random.uuid(),
  });
  const transcripts = new Map<string, TranscriptBehaviour>();
  const behaviourOf = (communicationId: string) =>
    transcripts.get(communicationId) ?? options.transcripts ?? {};
  const transcriptHost = createTranscriptHost({
    seed,
    lifetimeSeconds: options.transcriptUrlLifetimeSeconds ?? 600,
    conversations,
    unknownConversations,
    behaviourOf,
    now,
  });
  const externalTags = new Map<string, string>();
  const firstAsked = new Map<string, number>();
  const routes = platformRoutes({
    conversations,
    jobs,
    externalTags,
    renewClientSecret: tokens.renewSecret,
    unknownConversations,
    transcodingSeconds: options.transcodingSeconds ?? 0,
    behaviourOf,
    transcriptUrl: (one, communicationId) => transcriptHost.urlOf(one, communicationId, transcriptsUrl()),
    secondsSinceFirstAsked: (what) => {
      const nowMillis = options.now().getTime();
      const first = firstAsked.get(what) ?? nowMillis;
      firstAsked.set(what, first);
      return (nowMillis - first) / 1000;
    },
  });
  const requests: RecordedRequest[] = [];

  const authorized = (request: ApiRequest): ApiAnswer => {
    const [, token = ''] = /^Bearer (.+)$/.exec(request.headers['authorization'] ?? '') ?? [];
    const client = tokens.clientOf(token);
    if (client === undefined) return errorAnswer(401, 'bad.credentials', 'Invalid login credentials.');
    const use = rateOf(token);
    const answer = use.isOver ? tooMany(use.resetSeconds) : routed(request, routes, client);
    return { ...answer, headers: { ...rateHeaders(use), ...answer.headers } };
  };
  const answerTo = (request: ApiRequest): ApiAnswer | BrokenAnswer => {
    const fault = faults.take(request.method, request.path);
    if (fault !== undefined) return faultyAnswer(fault);
    if (request.path === '/oauth/token')
      return request.method === 'POST' ? tokens.issue(request) : notFound();
    return authorized(request);
  };
  return {
    now,
    answer: (request) => {
      const answer = answerTo(request);
      const status = typeof answer === 'string' ? 'none' : answer.status;
      const host = request.path === '/oauth/token' ? 'login' : 'api';
      requests.push({
        host,
        method: request.method,
        path: request.path,
        status,
        authorization: presence(request),
      });
      return typeof answer === 'string' ? answer : withCorrelationId(answer, random.uuid());
    },
    transcript: (request) => {
      const answer = transcriptHost.answer(request);
      const status = answer === 'stall' ? 'none' : answer.status;
      const path = request.url.split('?')[0] ?? '';
      requests.push({ host: 'transcripts', method: 'GET', path, status, authorization: presence(request) });
      return answer;
    },
    addConversation: (input) => {
      const { conversationId, agents } = conversations.add(input);
      return { conversationId, communicationIds: agents.map(({ sessionId }) => sessionId) };
    },
    setTranscript: (communicationId, behaviour) => void transcripts.set(communicationId, behaviour),
    setJobs: jobs.setBehaviour,
    setDataLag: jobs.setDataLag,
    addFault: faults.add,
    clearFaults: faults.clear,
    revokeTokens: tokens.revokeAll,
    setTokenLifetime: (seconds) => {
      tokenLifetimeSeconds = seconds;
    },
    setClientSecret: tokens.setSecret,
    addClient: tokens.addClient,
    setClockSkew: (seconds) => {
      skewSeconds = seconds;
    },
    externalTags: () => Object.fromEntries(externalTags),
    requests: () => [...requests],
  };
}

function routed(request: ApiRequest, routes: readonly Route[], client: PlatformClient): ApiAnswer {
  const found = routes.find(({ method, path }) => method === request.method && path.test(request.path));
  if (found === undefined) return notFound();
  const missing = found.permissions.filter((permission) => !grants(client, permission));
  if (missing.length > 0) {
    const message = `Unable to perform the requested action. You are missing the following permission(s): ${missing.join(', ')}`;
    return errorAnswer(403, 'missing.any.permissions', message);
  }
  const [, ...ids] = found.path.exec(request.path) ?? [];
  return found.answer(ids.map(decodeURIComponent), request);
}

function grants(
  { withoutPermissions = [] }: PlatformClient,
  permission: string | readonly string[],
): boolean {
  const anyOf = typeof permission === 'string' ? [permission] : permission;
  return anyOf.some((one) => !withoutPermissions.includes(one));
}

function tooMany(seconds: number): ApiAnswer {
  const message = `Rate limit exceeded the maximum. Retry the request in [${seconds}] seconds`;
  return errorAnswer(429, 'too.many.requests.retry.after', message, { 'retry-after': String(seconds) });
}

/** Every answer has one; an error names it in its body too. */
function withCorrelationId(answer: ApiAnswer, id: string): ApiAnswer {
  const { body } = answer;
  const isError = typeof body === 'object' && body !== null && 'contextId' in body;
  return {
    ...answer,
    headers: { ...answer.headers, 'inin-correlation-id': id },
    ...(isError && { body: { ...body, contextId: id } }),
  };
}

const presence = ({ headers }: Pick<ApiRequest, 'headers'>): 'present' | 'absent' =>
  headers['authorization'] === undefined ? 'absent' : 'present';
