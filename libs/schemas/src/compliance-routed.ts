import Type, { type Static } from 'typebox';
import { SEVERITIES } from './constants.ts';
import { timeSchema } from './text.ts';

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const text = nullable(Type.String());
const severity = Type.Enum([...SEVERITIES]);
const team = Type.String({ pattern: '^[a-z0-9-]{1,40}$' });

/** One violation as a QA team gets it. */
export const routedViolationSchema = Type.Object({
  code: text,
  category: text,
  severity,
  /** Where in the call, in milliseconds from its start; null where nobody knows. */
  offsetMs: nullable(Type.Integer({ minimum: 0 })),
  dueAt: timeSchema,
  /** The rule that decided; null when none matched. */
  rule: text,
});
export type RoutedViolation = Static<typeof routedViolationSchema>;

const routed = {
  /** The worst of the violations. */
  severity,
  /** The earliest of the violations. */
  dueAt: timeSchema,
  /** How many there are; more than are listed, when they did not all fit into a message. */
  violationCount: Type.Integer({ minimum: 1 }),
  /** The worst first, then in the order of the call. */
  violations: Type.Array(routedViolationSchema, { minItems: 1 }),
};

/** `aftercall.compliance.routed`: violations of one conversation are in a team's QA queue. */
export const complianceRoutedSchema = Type.Object({ queue: team, ...routed });
export type ComplianceRouted = Static<typeof complianceRoutedSchema>;

/** The body of a message in a QA queue: all violations of one outcome that are this team's. */
export const qaMessageSchema = Type.Object({
  /** The fact that told of the violations: the same on every repetition, so a reader can tell one from a new message. */
  factId: Type.String({ minLength: 1 }),
  team,
  org: Type.String(),
  source: Type.String(),
  conversationId: Type.String({ minLength: 1 }),
  communicationId: text,
  agentId: text,
  queueId: text,
  mediaType: text,
  direction: text,
  occurredAt: timeSchema,
  receivedAt: timeSchema,
  ...routed,
  /** The conversation in Genesys Cloud, for a person with the right to see it. */
  link: Type.String({ format: 'uri' }),
});
export type QaMessage = Static<typeof qaMessageSchema>;
