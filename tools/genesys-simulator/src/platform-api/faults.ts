import type { ApiAnswer } from './platform-messages.ts';

/** What goes wrong. `hang` never answers, `reset` breaks the connection, `half-json` breaks it in mid-answer. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** A web page. Default: 502. */
  | { readonly kind: 'html'; readonly status?: number }
  /** JSON of another form. */
  | { readonly kind: 'wrong-json'; readonly body: unknown }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'huge-length' }
  | { readonly kind: 'half-json' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' };

/** A fault and the requests that it befalls. */
export interface FaultRule {
  readonly fault: Fault;
  /** How many; default: all from now on. */
  readonly times?: number;
  /** Those whose method and path begin so, such as `GET /api/v2/speechandtextanalytics` or `POST /oauth/token`. Default: all. */
  readonly on?: string;
}

/** What the server does instead of answering. */
export type BrokenAnswer = 'hang' | 'reset' | 'half-json';

/** Faults in the order in which they were asked for. */
export interface Faults {
  add(rule: FaultRule): void;
  clear(): void;
  /** The fault that befalls this request, which is thereby used up by one. */
  take(method: string, path: string): Fault | undefined;
}

export function createFaults(rules: readonly FaultRule[]): Faults {
  let pending = rules.map((rule) => ({ rule, left: rule.times ?? Infinity }));
  return {
    add: (rule) => void pending.push({ rule, left: rule.times ?? Infinity }),
    clear: () => {
      pending = [];
    },
    take: (method, path) => {
      const found = pending.find(
        ({ rule, left }) => left > 0 && `${method} ${path}`.startsWith(rule.on ?? ''),
      );
      if (found) found.left -= 1;
      return found?.rule.fault;
    },
  };
}

const PAGE =
  '<!doctype html><html><head><title>Sorry</title></head><body>We will be back soon.</body></html>';
const FIVE_HUNDRED_GB = '500000000000';

/** The answer, or how the server breaks off. */
export function faultyAnswer(fault: Fault): ApiAnswer | BrokenAnswer {
  switch (fault.kind) {
    case 'status':
      return { status: fault.status, body: {}, ...(fault.headers && { headers: fault.headers }) };
    case 'html':
      return {
        status: fault.status ?? 502,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: PAGE,
      };
    case 'wrong-json':
      return { status: 200, body: fault.body };
    case 'redirect':
      return { status: 302, headers: { location: fault.location } };
    case 'huge-length':
      return { status: 200, headers: { 'content-length': FIVE_HUNDRED_GB }, body: {} };
    case 'half-json':
    case 'hang':
    case 'reset':
      return fault.kind;
  }
}
