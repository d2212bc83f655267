import { type Environment, logLevel, number, parseEnvironment, sources, text } from '@aftercall/environment';
import type { Source } from '@aftercall/schemas';

/** A JSON list of names. */
function names(json: string): ReadonlySet<string> {
  const value: unknown = JSON.parse(json);
  const list: readonly unknown[] = Array.isArray(value) ? value : [undefined];
  const found = list.filter((one): one is string => typeof one === 'string');
  if (found.length < list.length) throw new Error('is not a list of names');
  return new Set(found);
}

const variables = {
  /** The physical name: its messages are the only ones that are sealed. */
  EVENTS_QUEUE: text,
  /** JSON: the names that the dead letters of EventBridge's own deliveries go by; there are no such queues. */
  DELIVERED_QUEUES: names,
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
  readonly deliveredQueues: ReadonlySet<string>;
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
    deliveredQueues: parsed.DELIVERED_QUEUES,
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
