import {
  awsAccess,
  type AwsAccess,
  type AwsVariables,
  type CircuitSettings,
  circuitSettings,
  circuitVariables,
  type Environment,
  logLevel,
  number,
  parseEnvironment,
  text,
  url,
} from '@aftercall/environment';
import type { EndpointOptions } from '@aftercall/egress';
import { type GenesysOrg, parseGenesysOrgs } from '@aftercall/genesys';
import { createVocabulary, type Vocabulary } from '@aftercall/redaction';

/** The bucket of the originals, if they are kept. */
function originals(value: string): string | undefined {
  if (value === 'dropped') return undefined;
  const [, bucket] = /^s3:\/\/([^/]+)$/.exec(value) ?? [];
  if (bucket === undefined) throw new Error('is neither dropped nor s3://bucket');
  return bucket;
}

function vocabulary(json: string): Vocabulary {
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null) throw new Error('is no object');
  const { terms = [], numberWords = {} }: { terms?: unknown; numberWords?: unknown } = value;
  if (!Array.isArray(terms) || !terms.every(isText)) throw new Error('has terms that are no texts');
  if (!isRecordOfTexts(numberWords)) throw new Error('has number words that are no texts');
  return createVocabulary({ terms, numberWords });
}

function schedule(json: string): readonly number[] {
  const value: unknown = JSON.parse(json);
  if (!Array.isArray(value) || !value.every(isPositive)) throw new Error('is no list of seconds');
  return value;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isRecordOfTexts = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === 'object' && value !== null && Object.values(value).every(isText);
const isPositive = (value: unknown): value is number => typeof value === 'number' && value > 0;

const variables = {
  STAGE: text,
  TRANSCRIPT_QUEUE_URL: url,
  TRANSCRIPT_DEAD_LETTER_QUEUE_URL: url,
  LEDGER_TABLE: text,
  CONVERSATIONS_TABLE: text,
  TRANSCRIPTS_TABLE: text,
  TRANSCRIPTS_BUCKET: text,
  /** `dropped`, or `s3://bucket`: what Genesys Cloud sent, unredacted, for whoever may see it. */
  ORIGINALS: originals,
  ...circuitVariables,
  /** The organisation whose conversations are keyed by their bare id. */
  DEFAULT_ORG: text,
  /** JSON: how each organisation's Genesys Cloud is reached. */
  GENESYS_ORGS: parseGenesysOrgs,
  /** JSON: `{"terms": ["Jane Smith"], "numberWords": {"cero": "0"}}`, what goes besides cards, mail and telephones. */
  REDACTION: vocabulary,
  /** Of a transcript as it is read, decompressed. */
  MAX_TRANSCRIPT_BYTES: number,
  /** JSON: the waits of a transcript that is not ready. */
  RETRY_SCHEDULE_SECONDS: schedule,
  GIVE_UP_AFTER_SECONDS: number,
  RETENTION_SECONDS: number,
  MAX_ATTEMPTS: number,
  SECRET_TTL_SECONDS: number,
  BACKOFF_BASE_SECONDS: number,
  BACKOFF_MAX_SECONDS: number,
  LOG_LEVEL: logLevel,
};

/** The environment variables the infra stack must set. */
export type Env = Record<keyof typeof variables, string> & AwsVariables;

export interface Config {
  readonly stage: string;
  /** What the local stage allows beyond the rule: its Genesys Cloud is on this machine. */
  readonly egress: EndpointOptions;
  readonly transcriptQueueUrl: string;
  readonly transcriptDeadLetterQueueUrl: string;
  readonly ledgerTable: string;
  readonly conversationsTable: string;
  readonly transcriptsTable: string;
  readonly transcriptsBucket: string;
  readonly originalsBucket: string | undefined;
  readonly busName: string;
  readonly defaultOrg: string;
  readonly genesysOrgs: ReadonlyMap<string, GenesysOrg>;
  readonly vocabulary: Vocabulary;
  readonly maxTranscriptBytes: number;
  readonly retryScheduleSeconds: readonly number[];
  readonly giveUpAfterSeconds: number;
  readonly retentionSeconds: number;
  readonly maxAttempts: number;
  readonly secretTtlSeconds: number;
  readonly circuits: CircuitSettings;
  readonly awsAccess: AwsAccess;
  readonly backoff: { readonly baseSeconds: number; readonly maxSeconds: number };
  readonly logLevel: string;
}

/** @throws Error naming every missing or malformed variable, never its value */
export function parseConfig(env: Environment): Config {
  const parsed = parseEnvironment(env, variables);
  return {
    stage: parsed.STAGE,
    egress: parsed.STAGE === 'local' ? { loopback: 'allowed' } : {},
    transcriptQueueUrl: parsed.TRANSCRIPT_QUEUE_URL,
    transcriptDeadLetterQueueUrl: parsed.TRANSCRIPT_DEAD_LETTER_QUEUE_URL,
    ledgerTable: parsed.LEDGER_TABLE,
    conversationsTable: parsed.CONVERSATIONS_TABLE,
    transcriptsTable: parsed.TRANSCRIPTS_TABLE,
    transcriptsBucket: parsed.TRANSCRIPTS_BUCKET,
    originalsBucket: parsed.ORIGINALS,
    busName: parsed.BUS_NAME,
    defaultOrg: parsed.DEFAULT_ORG,
    genesysOrgs: parsed.GENESYS_ORGS,
    vocabulary: parsed.REDACTION,
    maxTranscriptBytes: parsed.MAX_TRANSCRIPT_BYTES,
    retryScheduleSeconds: parsed.RETRY_SCHEDULE_SECONDS,
    giveUpAfterSeconds: parsed.GIVE_UP_AFTER_SECONDS,
    retentionSeconds: parsed.RETENTION_SECONDS,
    maxAttempts: parsed.MAX_ATTEMPTS,
    secretTtlSeconds: parsed.SECRET_TTL_SECONDS,
    circuits: circuitSettings(parsed),
    awsAccess: awsAccess(env),
    backoff: { baseSeconds: parsed.BACKOFF_BASE_SECONDS, maxSeconds: parsed.BACKOFF_MAX_SECONDS },
    logLevel: parsed.LOG_LEVEL,
  };
}
