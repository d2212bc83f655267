import type { IncomingHttpHeaders } from 'node:http';

/** One request as it came in, and what it was answered. */
export interface CrmRequest {
  /** Of all requests to the endpoint, counted from 1. */
  readonly order: number;
  /** ISO 8601, when the request had come in whole. */
  readonly receivedAt: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** `none`: there was no answer, or not yet. */
  readonly status: number | 'none';
}

/** Everything that came in about one fact. */
export interface CrmDelivery {
  /** Of the header `x-aftercall-fact-id`; empty without one. */
  readonly factId: string;
  /** In the order in which they came. */
  readonly requests: readonly CrmRequest[];
  /** How many of them were answered 2xx: more than one is a repetition that the receiver had to know by its id. */
  readonly accepted: number;
}

/** Requests by the fact that they are about, the fact that came first first. */
export function deliveriesOf(requests: readonly CrmRequest[]): readonly CrmDelivery[] {
  const byFact = Map.groupBy(requests, ({ headers }) => String(headers['x-aftercall-fact-id'] ?? ''));
  return [...byFact].map(([factId, ofFact]) => ({
    factId,
    requests: ofFact,
    accepted: ofFact.filter(({ status }) => status !== 'none' && status >= 200 && status < 300).length,
  }));
}
