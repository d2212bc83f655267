import { type Environment, logLevel, number, parseEnvironment, text, url } from '@aftercall/environment';
import { type GenesysOrg, parseGenesysOrgs } from '@aftercall/genesys';
import { type BackfillSource, parseBackfillSources } from './backfill-source.ts';

const variables = {
  STAGE: text,
  BACKFILL_QUEUE_URL: url,
  BACKFILL_DEAD_LETTER_QUEUE_URL: url,
  BACKFILL_TABLE: text,
  LEDGER_TABLE: text,
  CONVERSATIONS_TABLE: text,
  EVENTS_QUEUE_URL: url,
  SEALING_SECRET_NAME: text,
  /** JSON: list of {key, org?, mediaTypes?}. */
  BACKFILL_SOURCES: parseBackfillSources,
  /** The organisation whose conversations are keyed by their bare id. */
  DEFAULT_ORG: text,
  /** JSON: list of {org, region | addresses, secretName}. */
  GENESYS_ORGS: parseGenesysOrgs,
  SECRET_TTL_SECONDS: number,
  BACKOFF_BASE_SECONDS: number,
  BACKOFF_MAX_SECONDS: number,
  LOG_LEVEL: logLevel,
};

/** The environment variables the infra stack must set. */
export type Env = Record<keyof typeof variables, string>;

export interface Config {
  readonly stage: string;
  readonly backfillQueueUrl: string;
  readonly backfillDeadLetterQueueUrl: string;
  readonly backfillTable: string;
  readonly ledgerTable: string;
  readonly conversationsTable: string;
  readonly eventsQueueUrl: string;
  readonly sealingSecretName: string;
  readonly sources: ReadonlyMap<string, BackfillSource>;
  readonly defaultOrg: string;
  readonly genesysOrgs: ReadonlyMap<string, GenesysOrg>;
  readonly secretTtlSeconds: number;
  readonly backoff: { readonly baseSeconds: number; readonly maxSeconds: number };
  readonly logLevel: string;
}

/** @throws Error naming every missing or malformed variable, never its value */
export function parseConfig(env: Environment): Config {
  const parsed = parseEnvironment(env, variables);
  return {
    stage: parsed.STAGE,
    backfillQueueUrl: parsed.BACKFILL_QUEUE_URL,
    backfillDeadLetterQueueUrl: parsed.BACKFILL_DEAD_LETTER_QUEUE_URL,
    backfillTable: parsed.BACKFILL_TABLE,
    ledgerTable: parsed.LEDGER_TABLE,
    conversationsTable: parsed.CONVERSATIONS_TABLE,
    eventsQueueUrl: parsed.EVENTS_QUEUE_URL,
    sealingSecretName: parsed.SEALING_SECRET_NAME,
    sources: parsed.BACKFILL_SOURCES,
    defaultOrg: parsed.DEFAULT_ORG,
    genesysOrgs: parsed.GENESYS_ORGS,
    secretTtlSeconds: parsed.SECRET_TTL_SECONDS,
    backoff: { baseSeconds: parsed.BACKOFF_BASE_SECONDS, maxSeconds: parsed.BACKOFF_MAX_SECONDS },
    logLevel: parsed.LOG_LEVEL,
  };
}
