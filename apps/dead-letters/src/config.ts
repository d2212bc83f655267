import { type Environment, logLevel, number, parseEnvironment, sources, text } from '@aftercall/environment';
import type { Source } from '@aftercall/schemas';

const variables = {
  /** The physical name: its messages are the only ones that are sealed. */
  EVENTS_QUEUE: text,
  /** The name that the CRM's dead letters go by; there is no such queue. */
  CRM_QUEUE: text,
  SET_ASIDE_BUCKET: text,
  SET_ASIDE_TABLE: text,
  DELIVERIES_BUCKET: text,
  LEDGER_TABLE: text,
  BUS_NAME: text,
  SEALING_SECRET_NAME: text,
  CIRCUITS_PARAMETER: text,
  /** JSON: as ingest has it; quarantined deliveries are split as they would be there. */
  SOURCES: sources,
  RETENTION_SECONDS: number,
  /** How fast what was held too long comes back. */
  DRAIN_PER_SECOND: number,
  SECRET_TTL_SECONDS: number,
  BACKOFF_BASE_SECONDS: number,
  BACKOFF_MAX_SECONDS: number,
  LOG_LEVEL: logLevel,
};

/** The environment variables the infra stack must set. */
export type Env = Record<keyof typeof variables, string>;

export interface Config {
  readonly eventsQueue: string;
  readonly crmQueue: string;
  readonly setAsideBucket: string;
  readonly setAsideTable: string;
  readonly deliveriesBucket: string;
  readonly ledgerTable: string;
  readonly busName: string;
  readonly sealingSecretName: string;
  readonly circuitsParameter: string;
  readonly sources: ReadonlyMap<string, Source>;
  readonly retentionSeconds: number;
  readonly drainPerSecond: number;
  readonly secretTtlSeconds: number;
  readonly backoff: { readonly baseSeconds: number; readonly maxSeconds: number };
  readonly logLevel: string;
}

/** @throws Error naming every missing or malformed variable, never its value */
export function parseConfig(env: Environment): Config {
  const parsed = parseEnvironment(env, variables);
  return {
    eventsQueue: parsed.EVENTS_QUEUE,
    crmQueue: parsed.CRM_QUEUE,
    setAsideBucket: parsed.SET_ASIDE_BUCKET,
    setAsideTable: parsed.SET_ASIDE_TABLE,
    deliveriesBucket: parsed.DELIVERIES_BUCKET,
    ledgerTable: parsed.LEDGER_TABLE,
    busName: parsed.BUS_NAME,
    sealingSecretName: parsed.SEALING_SECRET_NAME,
    circuitsParameter: parsed.CIRCUITS_PARAMETER,
    sources: parsed.SOURCES,
    retentionSeconds: parsed.RETENTION_SECONDS,
    drainPerSecond: parsed.DRAIN_PER_SECOND,
    secretTtlSeconds: parsed.SECRET_TTL_SECONDS,
    backoff: { baseSeconds: parsed.BACKOFF_BASE_SECONDS, maxSeconds: parsed.BACKOFF_MAX_SECONDS },
    logLevel: parsed.LOG_LEVEL,
  };
}
