import { type Environment, parseEnvironment, sourcesVariable } from '@aftercall/environment';
import type { Source } from '@aftercall/schemas';
import { bool, makeValidator, num, str, url } from 'envalid';

const scores = makeValidator((text): ReadonlyMap<string, number> => {
  const value: unknown = JSON.parse(text);
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const numbers = entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  if (numbers.length === 0 || numbers.length < entries.length) throw new Error('is not a map of numbers');
  return new Map(numbers);
});

const variables = {
  EVENTS_QUEUE_URL: url(),
  EVENTS_DEAD_LETTER_QUEUE_URL: url(),
  LEDGER_TABLE: str(),
  CONVERSATIONS_TABLE: str(),
  SET_ASIDE_BUCKET: str(),
  SET_ASIDE_TABLE: str(),
  DELIVERIES_BUCKET: str(),
  BUS_NAME: str(),
  SEALING_SECRET_NAME: str(),
  /** JSON: as ingest has it; needed to split stored deliveries the same way. */
  SOURCES: sourcesVariable(),
  /** The organisation whose conversations are keyed by their bare id. */
  DEFAULT_ORG: str(),
  RETENTION_SECONDS: num(),
  MAX_ATTEMPTS: num(),
  /** JSON: sentiment label → score from −1 to 1. */
  SENTIMENT_SCORES: scores(),
  SECRET_TTL_SECONDS: num(),
  BACKOFF_BASE_SECONDS: num(),
  BACKOFF_MAX_SECONDS: num(),
  QUARANTINE_DAILY_BYTES: num(),
  /** Document 002's `rawPayload`; off unless a team really wants customer data twice. */
  STORE_RAW_PAYLOAD: bool(),
  LOG_LEVEL: str({ choices: ['debug', 'info', 'warn', 'error'] }),
};

/** The environment variables the infra stack must set. */
export type Env = Record<keyof typeof variables, string>;

export interface Config {
  readonly eventsQueueUrl: string;
  readonly eventsDeadLetterQueueUrl: string;
  readonly ledgerTable: string;
  readonly conversationsTable: string;
  readonly setAsideBucket: string;
  readonly setAsideTable: string;
  readonly deliveriesBucket: string;
  readonly busName: string;
  readonly sealingSecretName: string;
  readonly sources: ReadonlyMap<string, Source>;
  readonly defaultOrg: string;
  readonly retentionSeconds: number;
  readonly maxAttempts: number;
  readonly sentimentScores: ReadonlyMap<string, number>;
  readonly secretTtlSeconds: number;
  readonly backoff: { readonly baseSeconds: number; readonly maxSeconds: number };
  readonly quarantineDailyBytes: number;
  readonly rawPayload: 'stored' | 'dropped';
  readonly logLevel: string;
}

/** @throws Error naming every missing or malformed variable, never its value */
export function parseConfig(env: Environment): Config {
  const parsed = parseEnvironment(env, variables);
  return {
    eventsQueueUrl: parsed.EVENTS_QUEUE_URL,
    eventsDeadLetterQueueUrl: parsed.EVENTS_DEAD_LETTER_QUEUE_URL,
    ledgerTable: parsed.LEDGER_TABLE,
    conversationsTable: parsed.CONVERSATIONS_TABLE,
    setAsideBucket: parsed.SET_ASIDE_BUCKET,
    setAsideTable: parsed.SET_ASIDE_TABLE,
    deliveriesBucket: parsed.DELIVERIES_BUCKET,
    busName: parsed.BUS_NAME,
    sealingSecretName: parsed.SEALING_SECRET_NAME,
    sources: parsed.SOURCES,
    defaultOrg: parsed.DEFAULT_ORG,
    retentionSeconds: parsed.RETENTION_SECONDS,
    maxAttempts: parsed.MAX_ATTEMPTS,
    sentimentScores: parsed.SENTIMENT_SCORES,
    secretTtlSeconds: parsed.SECRET_TTL_SECONDS,
    backoff: { baseSeconds: parsed.BACKOFF_BASE_SECONDS, maxSeconds: parsed.BACKOFF_MAX_SECONDS },
    quarantineDailyBytes: parsed.QUARANTINE_DAILY_BYTES,
    rawPayload: parsed.STORE_RAW_PAYLOAD ? 'stored' : 'dropped',
    logLevel: parsed.LOG_LEVEL,
  };
}
