import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type DownloadAnswer, EgressRefusedError, EgressUnavailableError } from '@aftercall/egress';
import type { CallBudget, PlatformApi } from '@aftercall/genesys';
import { PermanentError } from '@aftercall/queue';
import { askGenesys, DownloadError, NotReadyError } from './transcript-errors.ts';
import type { CommunicationRequest } from './transcript-names.ts';

/** One for a URL that has expired on its way to us; a second refusal means something else. */
const MAX_URLS = 2;

export interface OpenDeps {
  readonly api: Pick<PlatformApi, 'transcriptUrl'>;
  readonly budget: CallBudget;
  /** Begins a download; the URL is a key to the transcript and must stand in no log and no error. */
  download(url: string): Promise<DownloadAnswer>;
}

/** A transcript that has begun to arrive, decompressed. */
export interface OpenTranscript {
  /** To be taken once. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets the connection go; must be called in the end. */
  drop(): void;
}

/**
 * Asks where the transcript is and begins to fetch it, at once, because the URL expires.
 *
 * @throws NotReadyError, DownloadError, PermanentError, and what `askGenesys` throws
 */
export async function openTranscript(
  { conversationId, communicationId }: CommunicationRequest,
  deps: OpenDeps,
): Promise<OpenTranscript> {
  for (let asked = 1; ; asked += 1) {
    const located = await askGenesys(() =>
      deps.api.transcriptUrl(conversationId, communicationId, deps.budget),
    );
    if (located.outcome === 'not-ready') throw new NotReadyError('the transcript is not ready');
    const answer = await deps.download(located.url).catch((error: unknown) => {
      throw inOurTerms(error);
    });
    if (answer.status === 200) return opened(answer);
    answer.drop();
    if (asked < MAX_URLS && isExpired(answer.status)) continue;
    throw refusal(answer.status);
  }
}

/** S3's word for an expired signature is 403, for an object that moved 404. */
const isExpired = (status: number): boolean => status === 403 || status === 404;

function refusal(status: number): Error {
  const what = `the transcript host answered ${status}`;
  const isBusy = status === 408 || status === 429 || status >= 500;
  return isBusy ? new EgressUnavailableError(what) : new DownloadError(what);
}

function opened({ headers, body, drop }: DownloadAnswer): OpenTranscript {
  switch (headers['content-encoding'] ?? 'identity') {
    case 'identity':
      return { body: unbroken(body), drop };
    case 'gzip':
      return { body: unbroken(gunzipped(body)), drop };
    default:
      drop();
      throw new PermanentError('effect-refused', 'the transcript is compressed in a way that we do not know');
  }
}

function gunzipped(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  // What goes wrong is told to the reader of what comes out.
  pipeline(Readable.from(body), gunzip, () => undefined);
  return gunzip;
}

async function* unbroken(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  try {
    yield* body;
  } catch (error) {
    // Once it has begun, an end too early may lie with this transcript as well as with the network: it counts.
    if (error instanceof EgressUnavailableError) throw new DownloadError(error.message);
    throw inOurTerms(error);
  }
}

const inOurTerms = (error: unknown): unknown =>
  error instanceof EgressRefusedError
    ? new PermanentError('effect-refused', error.message, { cause: error })
    : error;
