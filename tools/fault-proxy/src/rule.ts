import { canFailPartly } from './partial-batch.ts';
import type { Operation } from './operation.ts';

/** What happens to a call. */
export type Fault =
  /** The connection breaks and nothing was forwarded. */
  | { readonly kind: 'crash-before' }
  /** The call takes effect, and the connection breaks before its answer. */
  | { readonly kind: 'crash-after' }
  /** Nothing is forwarded and no answer ever comes. */
  | { readonly kind: 'timeout' }
  /** The service says that there were too many calls; nothing was forwarded. */
  | { readonly kind: 'throttle' }
  /** The service answers 503; nothing was forwarded. */
  | { readonly kind: 'unavailable' }
  /** The call is forwarded after a wait. */
  | { readonly kind: 'slow'; readonly delayMillis: number }
  /** These entries of the batch, counted from 0, are reported failed and not forwarded; the others go through. */
  | { readonly kind: 'partial'; readonly entries: readonly number[] };

/** Which calls break, and how. */
export type Rule = Fault & {
  /** Without it: every operation. */
  readonly operation?: string;
  /** Only the nth matching call from now, counted from 1. Without it: every one. */
  readonly nth?: number;
};

/** The rules in force. */
export interface Rules {
  /** @throws Error when the rule could never do what it says */
  add(rule: Rule): () => void;
  /** The fault for one call; counts it towards every rule that matches it. The rule added first wins. */
  faultOf(call: Operation): Fault | undefined;
  clear(): void;
}

interface Armed {
  readonly rule: Rule;
  seen: number;
}

/** Makes an empty set of rules. */
export function createRules(): Rules {
  let armed: Armed[] = [];
  return {
    add(rule) {
      refuseIdle(rule);
      const entry = { rule, seen: 0 };
      armed.push(entry);
      return () => {
        armed = armed.filter((other) => other !== entry);
      };
    },
    faultOf(call) {
      const due = armed.filter((entry) => isDue(entry, call));
      return due[0]?.rule;
    },
    clear() {
      armed = [];
    },
  };
}

function isDue(entry: Armed, { operation }: Operation): boolean {
  const { rule } = entry;
  if (rule.operation !== undefined && rule.operation !== operation) return false;
  if (rule.kind === 'partial' && !canFailPartly(operation)) return false;
  entry.seen += 1;
  return rule.nth === undefined || rule.nth === entry.seen;
}

function refuseIdle(rule: Rule): void {
  if (rule.nth !== undefined && !(Number.isInteger(rule.nth) && rule.nth >= 1)) {
    throw new Error(`nth counts from 1, not ${rule.nth}`);
  }
  if (rule.kind === 'partial' && rule.operation !== undefined && !canFailPartly(rule.operation)) {
    throw new Error(`${rule.operation} is no batch that can fail in part`);
  }
}
