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
});

/** From when on something is wrong. */
export type ObservabilitySettings = Static<typeof observabilitySchema>;

/** A laptop looks more often than CloudWatch, which takes whole minutes only. */
export function observabilityProblems({
  name,
  observability,
}: {
  readonly name: string;
  readonly observability?: ObservabilitySettings;
}): readonly string[] {
  if (observability === undefined || name === 'local') return [];
  return observability.periodSeconds % LEAST_PERIOD_SECONDS === 0
    ? []
    : ['observability.periodSeconds: must be whole minutes'];
}
