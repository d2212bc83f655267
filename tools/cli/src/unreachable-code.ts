const UNREACHABLE = ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH'];

/** Why there was no connection, in Node's own word; undefined for every other error. */
export const unreachableCode = (error: unknown): string | undefined =>
  codesIn(error).find((one) => UNREACHABLE.includes(one));

/** A connection's error stands behind `cause`, or in a list of those of each address that was tried. */
function codesIn(error: unknown): readonly string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
  return [
    ...(typeof code === 'string' ? [code] : []),
    ...codesIn(cause),
    ...(Array.isArray(errors) ? errors.flatMap(codesIn) : []),
  ];
}
