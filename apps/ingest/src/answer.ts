import type { Problem, ProblemError } from '@aftercall/schemas';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** Both payload formats take this form of answer. */
export type Answer = APIGatewayProxyStructuredResultV2;

/** Long enough for a throttled service to breathe, short enough for a sender that retries five times in 85 s. */
const RETRY_AFTER_SECONDS = 5;

const TITLES = {
  400: 'The delivery could not be read',
  401: 'The signature is missing or wrong',
  404: 'There is no such source',
  405: 'Deliveries come by POST',
  413: 'The delivery is too large',
  415: 'Deliveries are JSON',
  503: 'Not taken: try again later',
} as const;
type ProblemStatus = keyof typeof TITLES;

export interface Acceptance {
  readonly deliveryId: string;
  readonly events: number;
  readonly refused: number;
}

export function accept({ deliveryId, events, refused }: Acceptance, requestId: string): Answer {
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json', 'x-request-id': requestId },
    body: JSON.stringify({ status: 'accepted', deliveryId, events, refused }),
  };
}

/** RFC 9457, without a word more than the sender needs. */
export function refuse(status: ProblemStatus, requestId: string, errors?: readonly ProblemError[]): Answer {
  const problem: Problem = { type: 'about:blank', title: TITLES[status], status, requestId };
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      'x-request-id': requestId,
      ...EXTRA_HEADERS[status],
    },
    body: JSON.stringify({ ...problem, errors }),
  };
}

const EXTRA_HEADERS: Readonly<Partial<Record<ProblemStatus, Readonly<Record<string, string>>>>> = {
  405: { allow: 'POST' },
  503: { 'retry-after': String(RETRY_AFTER_SECONDS) },
};
