import { SecretUnavailableError } from './secret-unavailable-error.ts';
import type { RefreshResult, Secrets } from './secrets.ts';

/** A secret that holds a structure. */
export interface ParsedSecret<T> {
  /** @throws SecretUnavailableError, or whatever the parser throws at a value that is not of its form */
  current(signal?: AbortSignal): Promise<T>;
  refresh(signal?: AbortSignal): Promise<RefreshResult>;
}

/** Reads a secret through the cache and parses each of its values once. */
export function parsedSecret<T>(secrets: Secrets, name: string, parse: (text: string) => T): ParsedSecret<T> {
  let last: { readonly text: string; readonly value: T } | undefined;
  return {
    async current(signal) {
      const [text] = await secrets.values(name, signal);
      if (text === undefined) throw new SecretUnavailableError(name, 'there is no such secret');
      if (last?.text !== text) last = { text, value: parse(text) };
      return last.value;
    },
    refresh: (signal) => secrets.refresh(name, signal),
  };
}
