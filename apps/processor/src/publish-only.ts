import type { Fact } from '@aftercall/schemas';

/** Publishes facts of these types alone, and makes no call for none. */
export function publishOnly(
  types: ReadonlySet<Fact['type']>,
  publish: (facts: readonly Fact[]) => Promise<void>,
): (facts: readonly Fact[]) => Promise<void> {
  return async (facts) => {
    const heard = facts.filter(({ type }) => types.has(type));
    if (heard.length > 0) await publish(heard);
  };
}
