import { checkEndpoint } from '@aftercall/egress';
import { parseGenesysOrgs } from '@aftercall/genesys';
import Type, { type Static } from 'typebox';
import { consumerFields, MAX_VISIBILITY_SECONDS, schedule, strict, text, whole } from './stage-fields.ts';

const org = text('^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$', 'must be 1 to 63 of A-Z a-z 0-9 . _ -');

/** As the key of any other source: it becomes a partition of the lake. */
const key = text('^[a-z0-9][a-z0-9-]{0,62}$', 'must be 1 to 63 of a-z 0-9 -, a letter or digit first');

const url = Type.String({ description: 'must be a URL' });

/** Organisations whose Platform API is called. Checked by the code that the functions read it with, see `genesysProblems`. */
export const genesysSchema = Type.Array(
  strict({
    org,
    /** The AWS region of the organisation, which need not be the stage's own. */
    region: Type.Optional(Type.String({ description: 'must be an AWS region' })),
    apiBaseUrl: Type.Optional(url),
    loginBaseUrl: Type.Optional(url),
    tokenUrl: Type.Optional(url),
    /** Only for a gateway that wants one: Genesys Cloud ignores it. */
    scope: Type.Optional(Type.String({ minLength: 1, description: 'must be a text' })),
    /** Redis or Valkey that containers share tokens in: its URL is the value of the secret `token-store`. */
    sharesTokens: Type.Optional(Type.Literal(true, { description: 'must be true, or be left out' })),
  }),
  { minItems: 1, description: 'must list at least one organisation, or be left out' },
);

/** Partner event sources: what Genesys Cloud's EventBridge integration puts on a bus of this account. */
export const partnerSchema = Type.Array(
  strict({
    /** As EventBridge lists it. `genesys.com.test` is what published examples use. */
    eventSourceName: text(
      '^aws\\.partner/genesys\\.com(\\.test)?/cloud/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[A-Za-z0-9._-]{1,64}$',
      'must be aws.partner/genesys.com/cloud/{organisation}/{suffix}, the suffix 1 to 64 of A-Z a-z 0-9 . _ -',
    ),
    key,
    org: Type.Optional(org),
  }),
  { minItems: 1, description: 'must list at least one event source, or be left out' },
);

/** What fetches transcripts. Without it nobody does. */
export const transcriptsSchema = strict({
  ...consumerFields,
  maxAttempts: whole(1, 100, 'attempts'),
  /** Each is streamed, so memory grows with their number and not with their size. */
  batchSize: whole(1, 10, 'transcripts'),
  maxTranscriptBytes: whole(1_024, Number.MAX_SAFE_INTEGER, 'bytes'),
  /** How long to wait before each further try while Genesys Cloud has no transcript yet. */
  retryScheduleSeconds: Type.Array(whole(1, MAX_VISIBILITY_SECONDS - 900, 'seconds'), {
    minItems: 1,
    description: 'must list at least one wait',
  }),
  /** After it a transcript that is still missing is given up, and a fact says so. */
  giveUpAfterSeconds: whole(1, 30 * 86_400, 'seconds'),
  /** When to look for what is still missing after the last of those waits. */
  sweepSchedule: schedule,
  /** Whether transcripts are kept as they came besides redacted. */
  originals: Type.Enum(['dropped', 'kept'], { description: 'must be dropped or kept' }),
  /** What is taken out of a transcript besides card numbers, e-mail addresses and telephone numbers. */
  redaction: strict({
    terms: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 256, description: 'must be 1 to 256 characters' })),
    ),
    numberWords: Type.Optional(
      Type.Record(Type.String(), text('^[0-9]{1,2}$', 'must be the one or two digits that the word means')),
    ),
  }),
});

/** What looks for conversations without an outcome. Without it nobody does. */
export const backfillSchema = strict({
  ...consumerFields,
  /** With 1 all intervals share one token, and so one rate limit. */
  maximumConcurrency: whole(1, 1_000, 'invocations'),
  /** When yesterday is gone through. */
  schedule,
  sources: Type.Array(
    strict({
      key,
      org: Type.Optional(org),
      mediaTypes: Type.Optional(
        Type.Array(text('^[a-z]+$', 'must be a media type such as voice'), {
          minItems: 1,
          description: 'must list at least one media type, or be left out',
        }),
      ),
    }),
    { minItems: 1, description: 'must list at least one source' },
  ),
});

/** An organisation whose Platform API is called. */
export type GenesysOrgSettings = Static<typeof genesysSchema>[number];

/** A partner event source. */
export type PartnerSettings = Static<typeof partnerSchema>[number];

/** What of a stage is about Genesys Cloud's own side. */
export interface GenesysSettings {
  readonly name: string;
  readonly genesys?: readonly GenesysOrgSettings[];
  readonly partner?: readonly PartnerSettings[];
  readonly transcripts?: Static<typeof transcriptsSchema>;
  readonly backfill?: Static<typeof backfillSchema>;
}

/** What is wrong about Genesys Cloud's own side beyond the form of the fields, a line each. */
export const genesysProblems = (stage: GenesysSettings): readonly string[] => [
  ...(stage.genesys ?? []).flatMap((one, index) => orgProblems(one, index, stage)),
  ...(stage.partner ?? []).flatMap((one, index) => partnerProblems(one, index, stage)),
  ...missingOrgs(stage),
];

function orgProblems(
  one: GenesysOrgSettings,
  index: number,
  { name, genesys = [] }: GenesysSettings,
): string[] {
  const at = `genesys[${index}]`;
  const first = genesys.findIndex((other) => other.org === one.org);
  const fault = readingFault(one);
  return [
    ...(first === index ? [] : [`${at}.org: is the org of genesys[${first}] too`]),
    ...(fault === undefined ? [] : [fault.replace('[0]', at)]),
    ...(['apiBaseUrl', 'loginBaseUrl', 'tokenUrl'] as const).flatMap((field) => {
      const problem = addressProblem(one[field], name);
      // One sentence is enough.
      return problem === undefined || fault?.includes(`.${field}:`) ? [] : [`${at}.${field}: ${problem}`];
    }),
  ];
}

/** What the functions would say. */
function readingFault({ sharesTokens: _sharesTokens, ...one }: GenesysOrgSettings): string | undefined {
  try {
    parseGenesysOrgs(JSON.stringify([{ ...one, secretName: 'named by org and function' }]));
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** A token goes there; the laptop's Genesys Cloud is on the laptop. */
const addressProblem = (address: string | undefined, stage: string): string | undefined =>
  address === undefined
    ? undefined
    : checkEndpoint(address, stage === 'local' ? { loopback: 'allowed' } : {});

function partnerProblems(
  { eventSourceName }: PartnerSettings,
  index: number,
  { name, partner = [] }: GenesysSettings,
): string[] {
  const at = `partner[${index}].eventSourceName`;
  const first = partner.findIndex((other) => other.eventSourceName === eventSourceName);
  return [
    ...(first === index ? [] : [`${at}: is that of partner[${first}] too`]),
    ...(eventSourceName.includes('genesys.com.test/') && name !== 'local'
      ? [`${at}: is one of published examples, which only stage local may have`]
      : []),
  ];
}

/** Partner events can do without the Platform API; what pulls cannot. */
function missingOrgs({ genesys = [], transcripts, backfill }: GenesysSettings): string[] {
  const known = new Set(genesys.map((one) => one.org));
  const missing = (backfill?.sources ?? []).flatMap((source, index) =>
    known.has(source.org ?? source.key)
      ? []
      : [`backfill.sources[${index}].org: must be one of genesys (a source without one speaks for its key)`],
  );
  const homeless = transcripts && known.size === 0;
  return [...(homeless ? ['transcripts: needs an organisation in genesys to fetch from'] : []), ...missing];
}
