/** Environment variables as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How the text of each variable is read; a parser throws when it cannot read it. */
export type Variables<T> = { readonly [Name in keyof T]: (text: string) => T[Name] };

/**
 * The typed values of the named variables; an empty variable counts as missing.
 *
 * @throws Error naming every missing or malformed variable at once, never a value
 */
export function parseEnvironment<T extends object>(env: Environment, variables: Variables<T>): T {
  const values: Partial<T> = {};
  const bad: string[] = [];
  for (const name in variables) {
    try {
      values[name] = variables[name](required(env[name]));
    } catch {
      bad.push(name);
    }
  }
  if (!isComplete(values, bad)) throw new Error(`bad environment: ${bad.join(', ')}`);
  return values;
}

const isComplete = <T>(_values: Partial<T>, bad: readonly string[]): _values is T => bad.length === 0;

function required(text: string | undefined): string {
  if (!text) throw new Error('is missing');
  return text;
}
