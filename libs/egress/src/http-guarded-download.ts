import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { checkEndpoint } from './check-endpoint.ts';
import { EgressRefusedError, EgressUnavailableError } from './egress-error.ts';
import { answerTo, type EgressDeps, type GuardedRequest, open, translated } from './http-guarded-request.ts';

/** A GET whose answer is too large to be held. */
export interface GuardedDownload extends Pick<GuardedRequest, 'url' | 'headers' | 'signal'> {
  /** Until the answer begins, and again for each wait for more of it while somebody reads. */
  readonly timeoutMillis: number;
  /** As it travels; a longer answer is refused, by its head if that says so. */
  readonly maxAnswerBytes: number;
}

/** What comes back, whatever its status: a redirect too is an answer and is not followed. */
export interface DownloadAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** To be taken once; throws what `guardedDownload` throws. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets the connection go, also when nothing or not all was read; must be called in the end. */
  drop(): void;
}

/**
 * Begins a download under the same guard as `guardedRequest`.
 *
 * @throws EgressRefusedError when the address must be changed, or the answer is too long
 * @throws EgressUnavailableError when trying again later may help
 */
export async function guardedDownload(
  input: GuardedDownload,
  deps: EgressDeps = {},
): Promise<DownloadAnswer> {
  const problem = checkEndpoint(input.url, deps);
  if (problem !== undefined) throw new EgressRefusedError(`the URL ${problem}`);
  input.signal?.throwIfAborted();
  const url = new URL(input.url);
  const patience = createPatience(input.timeoutMillis);
  const signal = AbortSignal.any([patience.signal, ...(input.signal ? [input.signal] : [])]);
  const failure = (error: unknown): unknown => {
    if (input.signal?.aborted) return input.signal.reason;
    if (error instanceof EgressRefusedError) return error;
    if (!patience.signal.aborted) return translated(error, url);
    return new EgressUnavailableError(`${url.host} sent nothing for ${input.timeoutMillis} ms`);
  };
  try {
    const answer = await patience.during(
      answerTo(open(url, { ...input, method: 'GET' }, deps, signal), undefined),
    );
    const drop = () => void answer.destroy();
    if (Number(answer.headers['content-length'] ?? 0) > input.maxAnswerBytes) {
      drop();
      throw tooLong(url, input);
    }
    const { statusCode: status = 0, headers } = answer;
    return { status, headers, body: bounded(answer, { ...input, url, patience, failure }), drop };
  } catch (error) {
    throw failure(error);
  }
}

interface Reading extends Pick<GuardedDownload, 'maxAnswerBytes'> {
  readonly url: URL;
  readonly patience: Patience;
  readonly failure: (error: unknown) => unknown;
}

async function* bounded(
  answer: IncomingMessage,
  { patience, failure, ...limits }: Reading,
): AsyncGenerator<Uint8Array, void> {
  const chunks: AsyncIterator<unknown> = answer[Symbol.asyncIterator]();
  let bytes = 0;
  try {
    for (;;) {
      const next = await patience.during(chunks.next());
      if (next.done) return;
      if (!(next.value instanceof Uint8Array)) continue;
      bytes += next.value.byteLength;
      if (bytes > limits.maxAnswerBytes) throw tooLong(limits.url, limits);
      yield next.value;
    }
  } catch (error) {
    throw failure(error);
  } finally {
    answer.destroy();
  }
}

const tooLong = ({ host }: URL, { maxAnswerBytes }: Pick<GuardedDownload, 'maxAnswerBytes'>) =>
  new EgressRefusedError(`${host} answered with more than ${maxAnswerBytes} bytes`);

/** Counts the time of waits only: a reader that is slow does not make the sender late. */
interface Patience {
  /** Aborted when a wait was too long. */
  readonly signal: AbortSignal;
  during<T>(wait: Promise<T>): Promise<T>;
}

function createPatience(millis: number): Patience {
  const late = new AbortController();
  return {
    signal: late.signal,
    during: async (wait) => {
      const timer = setTimeout(() => late.abort(), millis);
      try {
        return await wait;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
