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
import { DEFAULT_TEAM } from './route-violations.ts';

function queueUrls(json: string): ReadonlyMap<string, string> {
  const value: unknown = JSON.parse(json);
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const byTeam = new Map(entries.map(([team, queueUrl]) => [team, url(String(queueUrl))]));
  if (!byTeam.has(DEFAULT_TEAM)) throw new Error('has no default queue');
  return byTeam;
}

const variables = {
  STAGE: text,
  COMPLIANCE_QUEUE_URL: url,
  COMPLIANCE_DEAD_LETTER_QUEUE_URL: url,
  RULES_BUCKET: text,
  RULES_KEY: text,
  RULES_POLL_SECONDS: number,
  /** JSON: team → URL of its QA queue; `default` among them. */
  QA_QUEUE_URLS: queueUrls,
  ...circuitVariables,
  /** Where people open Genesys Cloud, such as `https://apps.mypurecloud.ie`. */
  GENESYS_APP_URL: url,
  /** JSON list, see `parseGenesysOrgs`: whose conversations can be tagged. */
  GENESYS_ORGS: parseGenesysOrgs,
  SECRET_TTL_SECONDS: number,
  BACKOFF_BASE_SECONDS: number,
  BACKOFF_MAX_SECONDS: number,
  LOG_LEVEL: logLevel,
};

/** The environment variables the infra stack must set. */
export type Env = Record<keyof typeof variables, string> & AwsVariables;

export interface Config {
  readonly stage: string;
  readonly complianceQueueUrl: string;
  readonly complianceDeadLetterQueueUrl: string;
  readonly rulesBucket: string;
  readonly rulesKey: string;
  readonly rulesPollSeconds: number;
  readonly qaQueueUrls: ReadonlyMap<string, string>;
  readonly busName: string;
  readonly genesysAppUrl: string;
  readonly genesysOrgs: ReadonlyMap<string, GenesysOrg>;
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
    complianceQueueUrl: parsed.COMPLIANCE_QUEUE_URL,
    complianceDeadLetterQueueUrl: parsed.COMPLIANCE_DEAD_LETTER_QUEUE_URL,
    rulesBucket: parsed.RULES_BUCKET,
    rulesKey: parsed.RULES_KEY,
    rulesPollSeconds: parsed.RULES_POLL_SECONDS,
    qaQueueUrls: parsed.QA_QUEUE_URLS,
    busName: parsed.BUS_NAME,
    genesysAppUrl: parsed.GENESYS_APP_URL,
    genesysOrgs: parsed.GENESYS_ORGS,
    secretTtlSeconds: parsed.SECRET_TTL_SECONDS,
    circuits: circuitSettings(parsed),
    awsAccess: awsAccess(env),
    backoff: { baseSeconds: parsed.BACKOFF_BASE_SECONDS, maxSeconds: parsed.BACKOFF_MAX_SECONDS },
    logLevel: parsed.LOG_LEVEL,
  };
}
