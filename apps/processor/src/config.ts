import {
  awsAccess,
  type AwsAccess,
  type AwsVariables,
  type CircuitSettings,
  circuitSettings,
  circuitVariables,
  type Environment,
  flag,
  logLevel,
  number,
  parseEnvironment,
  sources,
  text,
  url,
} from '@aftercall/environment';
import type { Fact, Source } from '@aftercall/schemas';

/** A JSON object of numbers. */
function numbers(json: string): ReadonlyMap<string, number> {
  const value: unknown = JSON.parse(json);
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const found = entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  if (found.length === 0 || found.length < entries.length) throw new Error('is not a map of numbers');
  return new Map(found);
}

/** What the processor can tell the bus. A stage may leave out what no rule of its hears: every fact is paid for. */
export const PUBLISHED_FACTS = [
  'aftercall.conversation.changed',
  'aftercall.outcome.recorded',
  'aftercall.transcript.ready',
] as const satisfies readonly Fact['type'][];

/** A JSON list of some of them. */
function factTypes(json: string): ReadonlySet<Fact['type']> {
  const value: unknown = JSON.parse(json);
  const named = PUBLISHED_FACTS.filter((type) => Array.isArray(value) && value.includes(type));
  if (named.length === 0 || !Array.isArray(value) || named.length < value.length)
    throw new Error('is not a list of facts');
  return new Set(named);
}

const variables = {
  EVENTS_QUEUE_URL: url,
  EVENTS_DEAD_LETTER_QUEUE_URL: url,
  LEDGER_TABLE: text,
  CONVERSATIONS_TABLE: text,
  DELIVERIES_BUCKET: text,
  /** JSON: the types of facts that go to the bus. */
  PUBLISHES: factTypes,
  /** JSON: as ingest has it; needed to split stored deliveries the same way. */
  SOURCES: sources,
  /** The organisation whose conversations are keyed by their bare id. */
  DEFAULT_ORG: text,
  RETENTION_SECONDS: number,
  MAX_ATTEMPTS: number,
  /** JSON: sentiment label → score from −1 to 1. */
  SENTIMENT_SCORES: numbers,
  /**
   * JSON: unit of sentiment → what a number in it is multiplied by to lie between −1 and 1. `genesys-api` is the unit
   * of the Platform API's metrics, `genesys-event` that of partner events.
   */
  SENTIMENT_SCALES: numbers,
  SECRET_TTL_SECONDS: number,
  BACKOFF_BASE_SECONDS: number,
  BACKOFF_MAX_SECONDS: number,
  QUARANTINE_DAILY_BYTES: number,
  /** Document 002's `rawPayload`; off unless a team really wants customer data twice. */
  STORE_RAW_PAYLOAD: flag,
  ...circuitVariables,
  LOG_LEVEL: logLevel,
};

/** The environment variables the infra stack must set. */
export type Env = Record<keyof typeof variables, string> & AwsVariables;

export interface Config {
  readonly eventsQueueUrl: string;
  readonly eventsDeadLetterQueueUrl: string;
  readonly ledgerTable: string;
  readonly conversationsTable: string;
  readonly setAsideBucket: string;
  readonly setAsideTable: string;
  readonly deliveriesBucket: string;
  readonly busName: string;
  readonly publishes: ReadonlySet<Fact['type']>;
  readonly sealingSecretName: string;
  readonly sources: ReadonlyMap<string, Source>;
  readonly defaultOrg: string;
  readonly retentionSeconds: number;
  readonly maxAttempts: number;
  readonly sentimentScores: ReadonlyMap<string, number>;
  readonly sentimentScales: ReadonlyMap<string, number>;
  readonly secretTtlSeconds: number;
  readonly backoff: { readonly baseSeconds: number; readonly maxSeconds: number };
  readonly quarantineDailyBytes: number;
  readonly rawPayload: 'stored' | 'dropped';
  readonly circuits: CircuitSettings;
  readonly awsAccess: AwsAccess;
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
    publishes: parsed.PUBLISHES,
    sealingSecretName: parsed.SEALING_SECRET_NAME,
    sources: parsed.SOURCES,
    defaultOrg: parsed.DEFAULT_ORG,
    retentionSeconds: parsed.RETENTION_SECONDS,
    maxAttempts: parsed.MAX_ATTEMPTS,
    sentimentScores: parsed.SENTIMENT_SCORES,
    sentimentScales: parsed.SENTIMENT_SCALES,
    secretTtlSeconds: parsed.SECRET_TTL_SECONDS,
    backoff: { baseSeconds: parsed.BACKOFF_BASE_SECONDS, maxSeconds: parsed.BACKOFF_MAX_SECONDS },
    quarantineDailyBytes: parsed.QUARANTINE_DAILY_BYTES,
    rawPayload: parsed.STORE_RAW_PAYLOAD ? 'stored' : 'dropped',
    circuits: circuitSettings(parsed),
    awsAccess: awsAccess(env),
    logLevel: parsed.LOG_LEVEL,
  };
}
