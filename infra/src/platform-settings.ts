import Type, { type Static } from 'typebox';
import { strict, text, whole } from './stage-fields.ts';

/** With six fields in EventBridge's and Application Auto Scaling's form. */
const cron = text('^cron\\([^ ()]+( [^ ()]+){5}\\)$', 'must be a schedule such as cron(45 7 ? * MON-FRI *)');

/** Environments of a function that are kept ready while a batch is to be expected, which cost by the hour. */
const warmSchema = Type.Array(
  strict({
    /** Must be one of the stage's apps, see `warmProblems`. */
    app: Type.String({ description: 'must be the name of an app' }),
    environments: whole(1, 1_000, 'environments'),
    from: cron,
    until: cron,
    /** @default UTC */
    timezone: Type.Optional(
      text('^[A-Za-z]+(/[A-Za-z_]+)*$', 'must be a name of the time zone database such as Europe/Dublin'),
    ),
  }),
  { minItems: 1, description: 'must list at least one window, or be left out' },
);

/** What of a stage is about the account it lives in. Each may be left out. */
export const platformFields = {
  /** A KMS key of the stage's own for all that it stores, in place of the keys that AWS owns. Costs a dollar a month and a request for each use. */
  customerKey: Type.Optional(Type.Literal(true, { description: 'must be true, or be left out' })),
  /** For the bill. */
  costCentre: Type.Optional(
    text('^[A-Za-z0-9 ._-]{1,64}$', 'must be 1 to 64 of A-Z a-z 0-9 . _ - and blanks'),
  ),
  /** What no role of the stage may exceed, whatever its own policy says. */
  permissionsBoundary: Type.Optional(
    text('^arn:aws:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]+$', 'must be the ARN of an IAM policy'),
  ),
  warm: Type.Optional(warmSchema),
  /** `sdk` has the SDK make the calls that functions make by themselves otherwise, which costs time and memory. */
  awsCalls: Type.Optional(Type.Literal('sdk', { description: 'must be sdk, or be left out' })),
};

/** What tells a function that makes its calls by itself who is to make them. */
export const awsCallsVariable = ({ awsCalls }: { readonly awsCalls?: 'sdk' }) =>
  awsCalls === undefined ? {} : { AWS_CALLS: awsCalls };

/** A time in which a function has environments ready. */
export type WarmWindow = Static<typeof warmSchema>[number];

/** A window for an app that is not there would be passed over in silence; two for one app would undo each other. */
export function warmProblems(warm: readonly WarmWindow[], apps: readonly string[]): readonly string[] {
  return warm.flatMap(({ app }, index) => {
    const first = warm.findIndex((other) => other.app === app);
    if (!apps.includes(app)) return [`warm[${index}].app: must be one of ${apps.join(', ')}`];
    return first === index ? [] : [`warm[${index}].app: is the app of warm[${first}] too`];
  });
}
