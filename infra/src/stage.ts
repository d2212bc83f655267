import { checkEndpoint } from '@aftercall/egress';
import {
  LONGEST_HELD_SECONDS,
  missingTeams,
  readComplianceRules,
  validateSources,
  type ComplianceRules,
  type Source,
} from '@aftercall/schemas';
import { PUBLISHED_FACTS } from '@aftercall/processor/config';
import { Ajv, type ErrorObject } from 'ajv';
import Type, { type Static } from 'typebox';
import {
  backfillSchema,
  genesysProblems,
  genesysSchema,
  partnerSchema,
  transcriptsSchema,
} from './genesys-settings.ts';
import { frontProblems, frontSchema } from './front-settings.ts';
import { networkSchema } from './network-settings.ts';
import { observabilityProblems, observabilitySchema } from './observability-settings.ts';
import { platformFields } from './platform-settings.ts';
import { heardBy, ROUTES } from './routing.ts';
import { looksLikeSecret } from './secret-shape.ts';
import { warehouseProblems, warehouseSchema } from './warehouse-settings.ts';
import { consumerFields, MAX_VISIBILITY_SECONDS, strict, text, whole } from './stage-fields.ts';

/** What a message may wait on the way back: in the queue, in its dead-letter queue, in set-aside, plus a day of the sender's retries. */
export const RETENTION_FLOOR_SECONDS = (4 + 14 + 45 + 1) * 86_400;

/** A queue's visibility is at least this many times its function's timeout, so that no retry overlaps a running attempt. */
export const VISIBILITY_PER_TIMEOUT = 6;

/** One configured way in. The name of its secret follows from its key. */
type StageSource = Omit<Source, 'secretName'>;

/** As rules name a team; without what would make a queue of the name of another team's dead-letter queue. */
const TEAM = '^(?!.*-dead$)[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$';

const lakeSchema = strict({
  ...consumerFields,
  /** With 1 no two invocations ever meet at one file, which only a store without conditional puts needs. */
  maximumConcurrency: whole(1, 1_000, 'invocations'),
  /** Files per source and hour; more of them let more invocations write at one time. */
  shards: whole(1, 256, 'shards'),
  batchSize: whole(1, 10_000, 'messages'),
  /** How long outcomes gather before they are merged: the longer, the fewer times a file is written. */
  windowSeconds: whole(1, 300, 'seconds'),
});

const complianceSchema = strict({
  ...consumerFields,
  /** Each gets a QA queue; `default` takes what no rule matches. */
  teams: Type.Array(text(TEAM, 'must be 1 to 40 of a-z 0-9 -, not - or -dead last'), {
    uniqueItems: true,
    contains: Type.Literal('default'),
    description: 'must list each team once, default among them',
  }),
  /** Checked by the schema that the router reads them with, see `ruleProblems`. */
  rules: Type.Unsafe<ComplianceRules>({}),
  rulesPollSeconds: whole(1, 3_600, 'seconds'),
  /** Where QA finds a conversation in Genesys Cloud: the region's address of its apps. */
  genesysAppUrl: text(
    '^https://apps\\.[a-z0-9.-]+$',
    'must be a Genesys Cloud address such as https://apps.mypurecloud.ie',
  ),
});

const crmSchema = strict({
  /** Gets every outcome as a POST. Checked by `checkEndpoint`, see `contradictions`. */
  endpoint: Type.String({ description: 'must be a URL' }),
  requestsPerSecond: whole(1, 300, 'requests'),
});

/** Where the CRM is, and how fast it takes facts. */
export type CrmSettings = Static<typeof crmSchema>;

const stageSchema = strict({
  name: text('^[a-z][a-z0-9-]{0,15}$', 'must be 1 to 16 of a-z 0-9 -, a letter first'),
  account: text('^[0-9]{12}$', 'must be the twelve digits of an AWS account'),
  region: text('^[a-z]{2}(-[a-z]+)+-[0-9]$', 'must be an AWS region such as eu-west-1'),
  /** Holds the Terraform state of every stack of the stage; made by hand, once. */
  stateBucket: text('^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$', 'must be the name of an S3 bucket'),
  ingest: strict({
    memoryMegabytes: whole(128, 10_240, 'megabytes'),
    timeoutSeconds: whole(1, 30, 'seconds'),
    /** How long the HTTP API waits. Longer than ingest's own deadline of 2.5 s, shorter than the sender's patience. */
    integrationTimeoutMilliseconds: whole(50, 30_000, 'milliseconds'),
    /** Above it, and above the burst, the HTTP API answers 429 by itself. */
    requestsPerSecond: whole(1, 10_000, 'requests'),
    requestBurst: whole(1, 5_000, 'requests'),
    /** So many invocations at a time, held for ingest by the account's total, and never more. Without it the account is the limit. */
    reservedConcurrency: Type.Optional(whole(1, 10_000, 'invocations')),
  }),
  /** What is in front of ingest beyond the HTTP API. */
  front: Type.Optional(frontSchema),
  network: Type.Optional(networkSchema),
  warehouse: Type.Optional(warehouseSchema),
  processor: strict({ ...consumerFields, maxAttempts: whole(1, 100, 'attempts') }),
  lake: lakeSchema,
  compliance: complianceSchema,
  /** What a consumer gets that has no settings of its own here. */
  consumers: strict({ ...consumerFields, maxAttempts: whole(1, 100, 'attempts') }),
  /** What is done with what could not go on. */
  deadLetters: strict({
    ...consumerFields,
    /** How fast what was held too long comes back. */
    drainPerSecond: whole(1, 300, 'messages'),
    /** How long a person has to decide on dead letters before somebody else is asked. */
    reviewDeadlineSeconds: whole(60, 30 * 86_400, 'seconds'),
  }),
  /** What becomes of messages while something that they need is down. */
  circuits: strict({
    /** Held for longer, a message goes to the archive; with 0 at once. */
    maxHeldSeconds: whole(0, LONGEST_HELD_SECONDS, 'seconds'),
  }),
  /** Without it nobody outside is told of outcomes. */
  crm: Type.Optional(crmSchema),
  genesys: Type.Optional(genesysSchema),
  partner: Type.Optional(partnerSchema),
  transcripts: Type.Optional(transcriptsSchema),
  backfill: Type.Optional(backfillSchema),
  /** The facts that the bus is told of, in place of all: for a stage that does not pay for what none of its rules hears. */
  publishes: Type.Optional(
    Type.Array(Type.Enum([...PUBLISHED_FACTS]), {
      minItems: 1,
      uniqueItems: true,
      description: `must list some of ${PUBLISHED_FACTS.join(', ')}`,
    }),
  ),
  /** How often secrets are rotated by themselves. Without it by hand only. */
  rotation: Type.Optional(
    strict({
      /** Of each function's OAuth client. */
      oauthDays: whole(1, 1_000, 'days'),
      /** Of the keyring; a key that was replaced opens for 90 days. */
      keyringDays: whole(1, 1_000, 'days'),
    }),
  ),
  eventsVisibilitySeconds: whole(1, MAX_VISIBILITY_SECONDS, 'seconds'),
  /** For a stage whose conversations table has a name of its own. */
  conversationsTable: Type.Optional(text('^[A-Za-z0-9._-]{3,255}$', 'must be the name of a DynamoDB table')),
  /** Each is checked by the schema that the functions read it with, see `sourceProblems`. */
  sources: Type.Array(Type.Unsafe<StageSource>({}), {
    minItems: 1,
    description: 'must list at least one source',
  }),
  /** The organisation whose conversations are stored under their bare id. */
  defaultOrg: Type.String({ description: 'must be the org of a source' }),
  /** How long the ledger remembers an event, and so how old an event may be. */
  retentionSeconds: whole(3_600, 4_000_000_000, 'seconds'),
  /** Says that a replay after a short retention may work on an event a second time. */
  acceptsDoubles: Type.Optional(Type.Literal(true)),
  secretTtlSeconds: whole(1, 3_600, 'seconds'),
  sentimentScores: Type.Record(
    Type.String(),
    Type.Number({ minimum: -1, maximum: 1, description: 'must be a number from -1 to 1' }),
    { minProperties: 1, description: 'must map at least one sentiment label to a score' },
  ),
  /** What brings a score in that unit to −1 … 1. A score in a unit that is not here is kept, but is no row's score. */
  sentimentScales: Type.Record(
    Type.String(),
    Type.Number({ exclusiveMinimum: 0, maximum: 1, description: 'must be a number above 0, at most 1' }),
    { minProperties: 1, description: 'must map at least one unit to a factor' },
  ),
  /** Per source and day; above it a bad delivery is answered 503 and not kept. */
  quarantineDailyBytes: whole(1, Number.MAX_SAFE_INTEGER, 'bytes'),
  storeRawPayload: Type.Boolean({ description: 'must be true or false' }),
  /** Without it there are no alarms. */
  observability: Type.Optional(observabilitySchema),
  ...platformFields,
  logLevel: Type.Enum(['debug', 'info', 'warn', 'error'], {
    description: 'must be one of debug, info, warn, error',
  }),
});

/** Everything in which one stage differs from another. Holds no secret value: those live in Secrets Manager only. */
export type StageConfig = Static<typeof stageSchema>;

/** A stage that cannot be synthesised. Its message names every bad field and shows no value. */
export class StageError extends Error {
  override readonly name = 'StageError';
}

const validate = new Ajv({ allErrors: true, verbose: true }).compile<StageConfig>(stageSchema);

/**
 * The stage as given, once every field of it has been checked.
 *
 * @throws StageError naming every bad field at once, and of each bad source the first one
 */
export function validStage(stage: unknown): StageConfig {
  const wellFormed = validate(stage);
  const bad = [...(wellFormed ? [] : (validate.errors ?? [])).map(shapeProblem), ...sourceProblems(stage)];
  const problems = [
    ...bad,
    ...(wellFormed && bad.length === 0 ? contradictions(stage) : []),
    ...secretFields(stage, ''),
  ];
  if (!wellFormed || problems.length > 0)
    throw new StageError(`bad stage:\n${problems.map((p) => `  ${p}`).join('\n')}`);
  return stage;
}

type ShapeError = Pick<ErrorObject, 'instancePath' | 'keyword' | 'parentSchema'> & {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly message?: string | undefined;
};

function shapeProblem({ instancePath, keyword, params = {}, parentSchema, message }: ShapeError): string {
  const { missingProperty, additionalProperty } = params;
  if (keyword === 'required') return `${fieldName(`${instancePath}/${String(missingProperty)}`)}: is missing`;
  if (keyword === 'additionalProperties')
    return unknownField(`${instancePath}/${String(additionalProperty)}`);
  return `${fieldName(instancePath)}: ${parentSchema?.description ?? message}`;
}

const unknownField = (pointer: string): string =>
  `${fieldName(pointer)}: is not a field of a stage; secret values belong in Secrets Manager`;

/** The first problem of each source, by the schema that the functions read their sources with. */
function sourceProblems(stage: unknown): string[] {
  if (!isObject(stage) || !Array.isArray(stage.sources)) return [];
  return stage.sources.flatMap((source: unknown, index) => sourceProblem(source, `/sources/${index}`));
}

function sourceProblem(source: unknown, pointer: string): string[] {
  if (isObject(source) && 'secretName' in source) return [unknownField(`${pointer}/secretName`)];
  const named = isObject(source) ? { ...source, secretName: 'named by its key' } : source;
  if (validateSources([named])) return [];
  // The first error ends the validation. Below a union there is one per branch, and the union's own comes last.
  const error = validateSources.errors?.at(-1);
  if (!error) return [`${fieldName(pointer)}: is not a source`];
  return [
    shapeProblem({
      ...error,
      instancePath: error.instancePath.replace(/^\/0/, pointer),
      message: sourceMessage(error),
    }),
  ];
}

function sourceMessage({
  keyword,
  params = {},
  message,
}: Pick<ShapeError, 'keyword' | 'params' | 'message'>): string | undefined {
  if (keyword === 'anyOf') return 'is not a known scheme; libs/schemas/src/source.ts lists them';
  const { allowedValues: allowed } = params;
  if (Array.isArray(allowed)) return `must be one of ${allowed.join(', ')}`;
  return message;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `/sources/1/key` as `sources[1].key`. */
const fieldName = (pointer: string): string =>
  pointer
    .slice(1)
    .replaceAll(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.') || 'stage';

/** What each field allows alone and the fields do not allow together. */
function contradictions(stage: StageConfig): string[] {
  const { processor, sources } = stage;
  const visibilityFloor = VISIBILITY_PER_TIMEOUT * processor.timeoutSeconds;
  const problems = [
    ...keyProblems(stage),
    ...genesysProblems(stage),
    ...frontProblems(stage.front ?? {}),
    ...warehouseProblems(stage),
    ...observabilityProblems(stage),
    ...publishesProblems(stage),
  ];
  if (stage.eventsVisibilitySeconds < visibilityFloor) {
    problems.push(
      `eventsVisibilitySeconds: must be at least ${visibilityFloor}, six times processor.timeoutSeconds`,
    );
  }
  problems.push(...backoffProblems(stage), ...ruleProblems(stage), ...endpointProblems(stage));
  if (![...sources, ...(stage.partner ?? [])].some((one) => (one.org ?? one.key) === stage.defaultOrg)) {
    problems.push('defaultOrg: must be the org of a source (a source without one speaks for its key)');
  }
  if (stage.retentionSeconds < RETENTION_FLOOR_SECONDS && !stage.acceptsDoubles) {
    problems.push(
      `retentionSeconds: must be at least ${RETENTION_FLOOR_SECONDS} (queue, dead-letter queue, set-aside and the sender's retries), or the stage must say acceptsDoubles: true`,
    );
  }
  return problems;
}

/** A rule that hears of nothing would be passed over in silence. */
function publishesProblems(stage: StageConfig): string[] {
  const { publishes } = stage;
  if (publishes === undefined) return [];
  const routes = Object.entries(ROUTES).filter(([route]) => hasRoute(route, stage));
  return routes.flatMap(([route, { facts }]) =>
    heardBy(facts)
      .filter((type) => PUBLISHED_FACTS.some((one) => one === type) && !publishes.some((one) => one === type))
      .map((type) => `publishes: must list ${type}, which the route ${route} hears`),
  );
}

/** A stage without a section has no route to what the section describes. */
function hasRoute(route: string, { crm, transcripts, warehouse }: StageConfig): boolean {
  if (route === 'crm') return crm !== undefined;
  if (route === 'transcript') return transcripts !== undefined;
  return route !== 'iceberg' || warehouse?.iceberg !== undefined;
}

/** A key says in every row where it came from, so one way in has it and no other. */
function keyProblems({ sources, partner = [], backfill }: StageConfig): string[] {
  const ways = [
    ...sources.map(({ key }, index) => ({ key, at: `sources[${index}]` })),
    ...partner.map(({ key }, index) => ({ key, at: `partner[${index}]` })),
    ...(backfill?.sources ?? []).map(({ key }, index) => ({ key, at: `backfill.sources[${index}]` })),
  ];
  return ways.flatMap(({ key, at }) => {
    const first = ways.find((other) => other.key === key);
    return first === undefined || first.at === at ? [] : [`${at}.key: is the key of ${first.at} too`];
  });
}

function backoffProblems(stage: StageConfig): string[] {
  const consumers = (
    ['processor', 'lake', 'compliance', 'consumers', 'transcripts', 'backfill'] as const
  ).filter((consumer) => {
    const settings = stage[consumer];
    return settings !== undefined && settings.backoffBaseSeconds > settings.backoffMaxSeconds;
  });
  return consumers.map((one) => `${one}.backoffBaseSeconds: must not be above ${one}.backoffMaxSeconds`);
}

/** What the router would refuse, and what it could not send anywhere. */
function ruleProblems({ compliance: { rules, teams } }: StageConfig): string[] {
  const read = readComplianceRules(JSON.stringify(rules));
  const faults = read.outcome === 'valid' ? missingTeams(read.rules, new Set(teams)) : read.errors;
  return faults.map((fault) => {
    const [, pointer = '', problem = fault] = /^(\/\S*): (.*)$/.exec(fault) ?? [];
    return `${fieldName(`/compliance/rules${pointer}`)}: ${problem}`;
  });
}

/** The laptop's receiver is on the laptop. */
function endpointProblems({ name, crm }: StageConfig): string[] {
  if (!crm) return [];
  const problem = checkEndpoint(crm.endpoint, name === 'local' ? { loopback: 'allowed' } : {});
  return problem === undefined ? [] : [`crm.endpoint: ${problem}`];
}

/** The fields, at any depth, whose text is not for a configuration file. A key is text too: a label may be anything. */
function secretFields(value: unknown, pointer: string): string[] {
  if (typeof value === 'string')
    return textProblems(value).map((problem) => `${fieldName(pointer)}: ${problem}`);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => {
    const badKey = textProblems(key).map((problem) => `${fieldName(pointer)}: has a key that ${problem}`);
    return badKey.length > 0 ? badKey : secretFields(below, `${pointer}/${key}`);
  });
}

function textProblems(value: string): string[] {
  if (looksLikeSecret(value)) return ['looks like a secret value; keep it in Secrets Manager only'];
  if (/[$%]\{/.test(value)) return ['holds ${ or %{, which Terraform would evaluate'];
  return [];
}
