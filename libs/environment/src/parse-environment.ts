import { cleanEnv, type CleanedEnv } from 'envalid';

/** Environment variables as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The typed values of the named variables.
 * @param variables envalid's validators, by variable name
 * @throws Error naming every missing or malformed variable at once, never a value
 */
export function parseEnvironment<S extends object>(env: Environment, variables: S): CleanedEnv<S> {
  return cleanEnv(env, variables, {
    reporter: ({ errors }) => {
      const bad = Object.keys(errors);
      if (bad.length > 0) throw new Error(`bad environment: ${bad.join(', ')}`);
    },
  });
}
