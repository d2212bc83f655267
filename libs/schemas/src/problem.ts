import Type, { type Static } from 'typebox';

export const problemErrorSchema = Type.Object({
  /** JSON pointer into the body. */
  pointer: Type.String(),
  message: Type.String(),
});
export type ProblemError = Static<typeof problemErrorSchema>;

/** @see https://www.rfc-editor.org/rfc/rfc9457 */
export const problemSchema = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  requestId: Type.String(),
  errors: Type.Optional(Type.Array(problemErrorSchema)),
});
export type Problem = Static<typeof problemSchema>;
