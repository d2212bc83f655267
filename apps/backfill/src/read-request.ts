import { PermanentError, type QueueMessage } from '@aftercall/queue';
import { parseJson } from '@aftercall/schemas';

/** What somebody asked for; times are ISO 8601 in UTC. */
export interface BackfillRequest {
  /** Names the run: a message that comes again goes on with it. */
  readonly request: string;
  /** From then on, … */
  readonly from: string;
  /** … and before then. */
  readonly to: string;
  /** The data lake, which lags, or the query, which does not and knows less. */
  readonly by: 'job' | 'query';
  /** What to do while the data lake has not come so far: wait, or take what is there and say so. */
  readonly early: 'wait' | 'accept';
}

/** A request for one source. */
export interface IntervalRequest extends BackfillRequest {
  readonly source: string;
}

/** A request as its message holds it; without a source it is one for every source. */
export type ReadRequest = BackfillRequest & { readonly source: string | undefined };

const DAY_MILLIS = 86_400_000;
const MAX_DAYS = 366;
const REQUEST = /^[\w./:-]{1,200}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/**
 * Reads the body of a message: `{"kind":"interval","from","to","source"?,"by"?,"request"?,"early"?}` or
 * `{"kind":"daily"}`, which is the UTC day before the one on which the message was sent.
 *
 * @throws PermanentError that names the field, never a value
 */
export function readRequest({ body, messageId, sentAt }: QueueMessage): ReadRequest {
  const parsed = parseJson(Buffer.from(body));
  const fields = parsed.outcome === 'parsed' ? fieldsOf(parsed.value) : undefined;
  if (fields === undefined) throw new PermanentError('bad-schema', 'the body is not a JSON object');
  const request = matching(fields, 'request', REQUEST) ?? messageId;
  if (fields['kind'] === 'daily') return { request, ...dayBefore(sentAt), ...DAILY };
  if (fields['kind'] !== 'interval')
    throw new PermanentError('unknown-type', '/kind is not a kind of request');
  return {
    request,
    ...intervalOf(fields),
    source: matching(fields, 'source', /^[a-z0-9-]{1,63}$/),
    by: oneOf(fields, 'by', ['job', 'query']),
    early: oneOf(fields, 'early', ['accept', 'wait']),
  };
}

/** The body of a message that `readRequest` reads as this. */
export const requestBody = (request: IntervalRequest): string =>
  JSON.stringify({ kind: 'interval', ...request });

const DAILY = { source: undefined, by: 'job', early: 'wait' } as const;

function dayBefore(now: Date): { from: string; to: string } {
  const to = Math.floor(now.getTime() / DAY_MILLIS) * DAY_MILLIS;
  return { from: new Date(to - DAY_MILLIS).toISOString(), to: new Date(to).toISOString() };
}

function intervalOf(fields: Fields): { from: string; to: string } {
  const [from, to] = [timeOf(fields, 'from'), timeOf(fields, 'to')];
  const days = (to.getTime() - from.getTime()) / DAY_MILLIS;
  if (days <= 0) throw new PermanentError('bad-schema', '/to must be later than /from');
  if (days > MAX_DAYS) throw new PermanentError('bad-schema', `/to must be at most ${MAX_DAYS} days later`);
  return { from: from.toISOString(), to: to.toISOString() };
}

function timeOf(fields: Fields, name: string): Date {
  const time = new Date(matching(fields, name, TIME) ?? '');
  if (Number.isNaN(time.getTime()))
    throw new PermanentError('bad-schema', `/${name} must be an ISO 8601 time`);
  return time;
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;

function matching(fields: Fields, name: string, form: RegExp): string | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && form.test(value)) return value;
  throw new PermanentError('bad-schema', `/${name} is not of its form`);
}

/** The first is what counts when nothing is said. */
function oneOf<T extends string>(fields: Fields, name: string, allowed: readonly [T, ...T[]]): T {
  const value = fields[name] ?? allowed[0];
  const known = allowed.find((one) => one === value);
  if (known === undefined) throw new PermanentError('bad-schema', `/${name} must be ${allowed.join(' or ')}`);
  return known;
}
