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
import { type GenesysOrg, parseGenesysOrgs } from '@aftercall/genesys';
import type { SourceName } from '@aftercall/schemas';

/** As for the sources of ingest: both become parts of keys. */
const KEY = /^[a-z0-9][a-z0-9-]{0,62}$/;
const ORG = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

function partnerSources(json: string): ReadonlyMap<string, SourceName> {
  const list: unknown = JSON.parse(json);
  if (!Array.isArray(list)) throw new Error('is not a list');
  const byName = new Map(list.map((entry: unknown) => partnerSource(entry)));
  if (byName.size < list.length) throw new Error('lists an event source twice');
  return byName;
}

function partnerSource(entry: unknown): readonly [string, SourceName] {
  const fields: Readonly<Record<string, unknown>> = typeof entry === 'object' ? { ...entry } : {};
  const { eventSourceName, key, org } = fields;
  if (typeof eventSourceName !== 'string' || !eventSourceName.startsWith('aws.partner/'))
    throw new Error('has an entry that is no partner event source');
  if (typeof key !== 'string' || !KEY.test(key)) throw new Error('has an entry without a key');
  if (org === undefined) return [eventSourceName, { key }];
  if (typeof org !== 'string' || !ORG.test(org)) throw new Error('has an entry with a bad organisation');
  return [eventSourceName, { key, org }];
}

const variables = {
  STAGE: text,
  EVENTS_QUEUE_URL: url,
  PARTNER_INBOX_QUEUE_URL: url,
  PARTNER_INBOX_DEAD_LETTER_QUEUE_URL: url,
  ...circuitVariables,
  /** JSON: `{eventSourceName, key, org?}` of every partner event source whose events are taken. */
  PARTNER_SOURCES: partnerSources,
  /** JSON: how the Platform API of each organisation is reached; `[]` where categories may stay ids. */
  GENESYS_ORGS: parseGenesysOrgs,
  /** How long the ledger remembers an event; older events are not taken. */
  RETENTION_SECONDS: number,
  SECRET_TTL_SECONDS: number,
  BACKOFF_BASE_SECONDS: number,
  BACKOFF_MAX_SECONDS: number,
  LOG_LEVEL: logLevel,
};

/** The environment variables the infra stack must set. */
export type Env = Record<keyof typeof variables, string> & AwsVariables;

export interface Config {
  readonly stage: string;
  readonly eventsQueueUrl: string;
  readonly partnerInboxQueueUrl: string;
  readonly partnerInboxDeadLetterQueueUrl: string;
  readonly sealingSecretName: string;
  /** By the name of the event source. */
  readonly partnerSources: ReadonlyMap<string, SourceName>;
  readonly genesysOrgs: ReadonlyMap<string, GenesysOrg>;
  readonly retentionSeconds: number;
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
    eventsQueueUrl: parsed.EVENTS_QUEUE_URL,
    partnerInboxQueueUrl: parsed.PARTNER_INBOX_QUEUE_URL,
    partnerInboxDeadLetterQueueUrl: parsed.PARTNER_INBOX_DEAD_LETTER_QUEUE_URL,
    sealingSecretName: parsed.SEALING_SECRET_NAME,
    partnerSources: parsed.PARTNER_SOURCES,
    genesysOrgs: parsed.GENESYS_ORGS,
    retentionSeconds: parsed.RETENTION_SECONDS,
    secretTtlSeconds: parsed.SECRET_TTL_SECONDS,
    circuits: circuitSettings(parsed),
    awsAccess: awsAccess(env),
    backoff: { baseSeconds: parsed.BACKOFF_BASE_SECONDS, maxSeconds: parsed.BACKOFF_MAX_SECONDS },
    logLevel: parsed.LOG_LEVEL,
  };
}
