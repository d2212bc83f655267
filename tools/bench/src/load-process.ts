// Sends deliveries to one address over so many connections and prints how they were answered.
import autocannon, { type Result } from 'autocannon';
import { batchBody, conversationBody, outcomeBody, signedHeaders } from './deliveries.ts';

/** What is sent, and how fast. */
export interface Load {
  readonly url: string;
  readonly secret: string;
  readonly dialect: 'analytics' | 'conversation';
  readonly connections: number;
  readonly deliveries: number;
  /** Numbers the deliveries, so that no run repeats another's. */
  readonly firstDelivery: number;
  /** Outcomes in a delivery, 2 KB each. */
  readonly outcomes: number;
  /** Of ten deliveries, how many are the one before once more. */
  readonly repeatedOfTen: number;
  /** Of ten deliveries, how many are signed with another secret. */
  readonly forgedOfTen: number;
}

export interface LoadResult {
  readonly byStatus: Readonly<Record<string, number>>;
  readonly failed: number;
  /** From the first byte sent to the last received, one for each answer. */
  readonly millis: readonly number[];
}

const load = JSON.parse(process.argv[2] ?? '') as Load;
let sent = 0;

function bodyOf(index: number): string {
  const now = new Date();
  if (load.dialect === 'conversation') return conversationBody(index, now);
  return load.outcomes > 1 ? batchBody(index, now, load.outcomes) : outcomeBody(index, now);
}

let last = bodyOf(load.firstDelivery);
function nextBody(): string {
  sent += 1;
  if (sent % 10 >= load.repeatedOfTen) last = bodyOf(load.firstDelivery + sent);
  return last;
}

function next<Request extends object>(request: Request): Request {
  const body = nextBody();
  const isForged = 9 - (sent % 10) < load.forgedOfTen;
  const headers = signedHeaders(body, isForged ? `${load.secret}-forged` : load.secret);
  return { ...request, body, headers };
}

const millis: number[] = [];

function run(): Promise<Result> {
  const { url, connections, deliveries: amount } = load;
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const requests = [{ method: 'POST', setupRequest: next }] as const;
  const instance = autocannon(
    { url, connections, amount, timeout: 30, requests: [...requests] },
    (error: Error | null, result) => (error ? reject(error) : resolve(result)),
  );
  // Its own histogram knows whole milliseconds only.
  instance.on('response', (_client, _status, _bytes, responseMillis) => millis.push(responseMillis));
  return promise;
}

const { errors, timeouts, statusCodeStats = {} } = await run();
const byStatus = Object.entries(statusCodeStats).map(([status, { count = 0 }]) => [status, count] as const);
const answer: LoadResult = { byStatus: Object.fromEntries(byStatus), failed: errors + timeouts, millis };
process.stdout.write(JSON.stringify(answer));
