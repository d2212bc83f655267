import { gunzipSync } from 'node:zlib';
import type { DownloadAnswer } from '@aftercall/egress';

/** When everything in the tests began. */
export const EVENT_TIME = '2026-11-20T14:03:27.418Z';

/** A body of the transcript queue, as EventBridge sends an outcome. */
export const outcomeBody = (data: object = {}, org = 'main'): string =>
  busBody('aftercall.outcome.recorded', org, {
    conversation_id: 'c1',
    has_transcript: true,
    transcript_communication_id: 'm1',
    ...data,
  });

/** A body of the transcript queue, as EventBridge sends the word that a transcript is ready. */
export const readyBody = (data: object = {}, org = 'main'): string =>
  busBody('aftercall.transcript.ready', org, { conversationId: 'c1', ...data });

function busBody(type: string, org: string, data: object): string {
  const detail = { specversion: '1.0', id: `${org}/e1/${type}`, type, org, time: EVENT_TIME, data };
  return JSON.stringify({ version: '0', 'detail-type': type, source: 'aftercall', detail });
}

/** A transcript as Genesys Cloud gives it, with a card number in it. */
export const transcriptDocument = (changes: object = {}): string =>
  JSON.stringify({
    conversationId: 'c1',
    communicationId: 'm1',
    transcripts: [
      { phrases: [{ participantPurpose: 'external', text: 'it is 4111 1111 1111 1111 thanks' }] },
    ],
    ...changes,
  });

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  for (let from = 0; from < bytes.length; from += 64) yield bytes.subarray(from, from + 64);
}

/** The answer of a transcript host. */
export const answerOf = (
  body: string | Uint8Array,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): DownloadAnswer => ({ status, headers, body: chunksOf(Buffer.from(body)), drop: () => undefined });

/** What somebody reads who fetches the object. */
export const textOf = (object: Uint8Array | undefined): string =>
  gunzipSync(object ?? new Uint8Array()).toString();
