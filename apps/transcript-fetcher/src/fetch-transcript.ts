import type { DownloadAnswer } from '@aftercall/egress';
import type { PlatformApi } from '@aftercall/genesys';
import type { Fact } from '@aftercall/schemas';
import { addTranscriptKey, type ConversationTranscripts } from './add-transcript-key.ts';
import { storedFact } from './build-transcript-facts.ts';
import { openTranscript } from './open-transcript.ts';
import { storeTranscript, type StoreDeps, type StoredTranscript } from './store-transcript.ts';
import { OutOfTimeError } from './transcript-errors.ts';
import { type CommunicationRequest, conversationKey } from './transcript-names.ts';

/** Left for what follows when the time is over: aborting an upload, giving claim and message back. */
const CLEANUP_MILLIS = 8_000;

export interface FetchDeps extends StoreDeps, ConversationTranscripts {
  /** Begins a download; must neither follow redirects nor send anything but the URL. */
  download(url: string, signal: AbortSignal): Promise<DownloadAnswer>;
  publish(facts: readonly Fact[]): Promise<void>;
  readonly transcriptsBucket: string;
  readonly defaultOrg: string;
  remainingMillis(): number;
}

/**
 * Brings one transcript from Genesys Cloud into the bucket, then its key into the conversation, then the fact onto
 * the bus. Doing it again does the same again.
 */
export async function fetchTranscript(
  request: CommunicationRequest,
  api: Pick<PlatformApi, 'transcriptUrl'>,
  deps: FetchDeps,
): Promise<StoredTranscript> {
  const stored = await inTime(deps.remainingMillis() - CLEANUP_MILLIS, (signal) =>
    download(request, api, signal, deps),
  );
  await addTranscriptKey(conversationKey(request, deps.defaultOrg), stored.key, deps);
  const { conversationId, communicationId } = request;
  const data = { conversationId, communicationId, bucket: deps.transcriptsBucket, ...stored };
  await deps.publish([storedFact(request, data)]);
  return stored;
}

async function download(
  request: CommunicationRequest,
  api: Pick<PlatformApi, 'transcriptUrl'>,
  signal: AbortSignal,
  deps: FetchDeps,
): Promise<StoredTranscript> {
  const transcript = await openTranscript(request, {
    api,
    budget: { remainingMillis: () => deps.remainingMillis() - CLEANUP_MILLIS, signal },
    download: (url) => deps.download(url, signal),
  });
  try {
    return await storeTranscript(request, transcript.body, signal, deps);
  } finally {
    transcript.drop();
  }
}

/** @param run must end soon after the signal fires */
async function inTime<T>(millis: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new OutOfTimeError()), Math.max(0, millis));
  try {
    return await run(late.signal);
  } finally {
    clearTimeout(timer);
  }
}
