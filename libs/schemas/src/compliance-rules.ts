import Type, { type Static } from 'typebox';
import { SEVERITIES } from './constants.ts';

/** Nobody reads a longer list; and every rule may be tried on every violation. */
const MAX_RULES = 500;
const MAX_VALUES = 1_000;
const MAX_DUE_SECONDS = 366 * 86_400;
/** Genesys Cloud publishes no bound of its own; what people read in a column of a list is shorter. */
const MAX_TAG_CHARACTERS = 64;

const strict = <T extends Record<string, Type.TSchema>>(fields: T, options: object = {}) =>
  Type.Object(fields, { additionalProperties: false, ...options });
const values = <T extends Type.TSchema>(value: T) =>
  Type.Array(value, { minItems: 1, maxItems: MAX_VALUES, uniqueItems: true });

/** A blank before or after it would make a value that nothing ever equals. */
const text = (maxLength: number) => Type.String({ maxLength, pattern: '^\\S([^]*\\S)?$' });
const value = text(512);
const severity = Type.Enum([...SEVERITIES]);
const dueWithinSeconds = Type.Integer({ minimum: 1, maximum: MAX_DUE_SECONDS });

/** With `aftercall-{stage}-qa-` before and `-dead.fifo` after it, still within the 80 characters of a queue's name. */
const team = Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$' });

/** What must be true of a violation: every field that is given, by one of its values. */
const matchSchema = strict(
  {
    code: Type.Optional(values(value)),
    category: Type.Optional(values(value)),
    severity: Type.Optional(values(severity)),
    /** This one or a worse one. */
    severityAtLeast: Type.Optional(severity),
    queueId: Type.Optional(values(value)),
    agentId: Type.Optional(values(value)),
    mediaType: Type.Optional(values(value)),
    /** The key of a source. */
    source: Type.Optional(values(value)),
  },
  { minProperties: 1 },
);

const ruleSchema = strict({
  name: Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$' }),
  match: matchSchema,
  route: strict({
    /** Whose QA queue. */
    team,
    /** In place of the violation's own. */
    severity: Type.Optional(severity),
    /** Counted from when the outcome was received. */
    dueWithinSeconds,
  }),
  /** What the conversation's external tag in Genesys Cloud becomes. Of several for one outcome the worst violation's. */
  tag: Type.Optional(text(MAX_TAG_CHARACTERS)),
});
export type ComplianceRule = Static<typeof ruleSchema>;

/** Which QA team gets which violation, and until when: the first rule that matches decides. */
export const complianceRulesSchema = strict({
  /** For what no rule matches; it goes to the team `default`. */
  defaultDueWithinSeconds: dueWithinSeconds,
  rules: Type.Array(ruleSchema, { maxItems: MAX_RULES }),
});
export type ComplianceRules = Static<typeof complianceRulesSchema>;
