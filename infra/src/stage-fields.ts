import Type, { type Static, type TSchema } from 'typebox';

/** The longest visibility SQS allows. */
export const MAX_VISIBILITY_SECONDS = 43_200;

/** A text of that form. The description of a field is the text of its error. */
export const text = (pattern: string, description: string) => Type.String({ pattern, description });

/** A whole number within bounds. */
export const whole = (minimum: number, maximum: number, unit: string) =>
  Type.Integer({
    minimum,
    maximum,
    description: `must be a whole number of ${unit}, ${minimum} to ${maximum}`,
  });

/** What EventBridge takes; `cron` has six fields there. */
export const schedule = text(
  '^(rate\\([1-9][0-9]* (minute|hour|day)s?\\)|cron\\([^ ()]+( [^ ()]+){5}\\))$',
  'must be a schedule of EventBridge such as cron(30 4 * * ? *) or rate(1 day)',
);

/** These fields and no other. */
export const strict = <T extends Record<string, TSchema>>(fields: T) =>
  Type.Object(fields, { additionalProperties: false });

/** What every function behind a queue is given. */
export const consumerFields = {
  memoryMegabytes: whole(128, 10_240, 'megabytes'),
  timeoutSeconds: whole(1, 900, 'seconds'),
  maximumConcurrency: whole(2, 1_000, 'invocations'),
  backoffBaseSeconds: whole(1, MAX_VISIBILITY_SECONDS, 'seconds'),
  backoffMaxSeconds: whole(1, MAX_VISIBILITY_SECONDS, 'seconds'),
};

/** What a function behind a queue is given. */
export type ConsumerSettings = Static<ReturnType<typeof strict<typeof consumerFields>>>;
