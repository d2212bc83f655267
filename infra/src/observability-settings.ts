import Type, { type Static } from 'typebox';
import { strict, text, whole } from './stage-fields.ts';

/** What CloudWatch gathers a metric of the functions by. */
const LEAST_PERIOD_SECONDS = 60;

/** Of a stage that is watched: who is told, and from when on something is wrong. */
export const observabilitySchema = strict({
  /** Where the pages of `docs/runbooks` are read: the repository that the people on call know. */
  runbooksUrl: text('^https://[^ ?#]+[^/ ?#]$', 'must be an https address without a slash at its end'),
  /** Each is asked by mail whether it wants to be told. Other subscribers are added to the topic outside Terraform. */
  emails: Type.Optional(
    Type.Array(text('^[^@ ]+@[^@ ]+[.][^@ ]+$', 'must be a mail address'), {
      uniqueItems: true,
      description: 'must list each mail address once',
    }),
  ),
  /** How long one look at a metric is. */
  periodSeconds: whole(10, 3_600, 'seconds'),
  /** How long a message may wait. Longer than the waits of a stage by themselves: back-offs, windows, a job of the backfill. */
  queueAgeSeconds: whole(1, 4 * 86_400, 'seconds'),
  /** The most that 99 of 100 deliveries may wait for their answer. */
  acknowledgementMilliseconds: whole(50, 30_000, 'milliseconds'),
  /** So many answers of 5xx in one look are too many. */
  serverErrors: whole(1, 1_000_000, 'answers'),
  /** So many refused signatures in one look are too many. */
  verificationFailures: whole(1, 1_000_000, 'deliveries'),
  /** Which sources are to be heard of at least every so many hours. */
  silence: Type.Array(strict({ source: Type.String(), hours: whole(1, 168, 'hours') })),
  /** How old an outcome may be when the lake has it. */
  lakeLagSeconds: whole(1, 14 * 86_400, 'seconds'),
  /** Of how many conversations in a hundred somebody has to have told us. */
  completenessPercent: Type.Number({
    minimum: 0,
    maximum: 100,
    description: 'must be a number from 0 to 100',
  }),
  /** More of them in a day than the stage was planned for. */
  eventsPerDay: whole(1, 10_000_000_000, 'events'),
  /** Of everything in the account that bears the tag `application: aftercall`. Without it there is no budget. */
  monthlyDollars: Type.Optional(whole(1, 10_000_000, 'dollars')),
  /** Has AWS Config keep watch; the account must record its configuration already. */
  configRules: Type.Optional(Type.Literal(true, { description: 'must be true, or be left out' })),
});

/** From when on something is wrong. */
export type ObservabilitySettings = Static<typeof observabilitySchema>;

interface WatchedStage {
  readonly name: string;
  readonly sources: readonly { readonly key: string }[];
  readonly observability?: ObservabilitySettings;
}

/** What each field allows alone and the stage does not. A laptop looks more often than CloudWatch, which takes whole minutes only. */
export function observabilityProblems({ name, sources, observability }: WatchedStage): readonly string[] {
  if (observability === undefined) return [];
  const { periodSeconds, silence } = observability;
  const isWhole = name === 'local' || periodSeconds % LEAST_PERIOD_SECONDS === 0;
  const strangers = silence.flatMap(({ source }, index) =>
    sources.some(({ key }) => key === source)
      ? []
      : [`observability.silence[${index}].source: must be the key of a source`],
  );
  return [...(isWhole ? [] : ['observability.periodSeconds: must be whole minutes']), ...strangers];
}
