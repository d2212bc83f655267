import { createHmac, createHash, timingSafeEqual } from 'node:crypto';
import { createGzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { ORGANIZATION_ID, type TranscriptBehaviour } from './platform-options.ts';
import {
  agentOf,
  type SimulatedConversation,
  type SimulatedConversations,
} from './simulated-conversations.ts';
import { MIN_TRANSCRIPT_BYTES, transcriptJson } from './transcript-json.ts';

/** A request for a transcript. */
export interface TranscriptRequest {
  /** With its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** `complete` ends the answer after the body, `reset` breaks the connection there, `hang` leaves it open. */
export interface TranscriptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
  readonly ending: 'complete' | 'reset' | 'hang';
}

/** Where transcripts are downloaded from: it knows nothing of tokens, only of signed URLs that expire. */
export interface TranscriptHost {
  /** @param baseUrl of the server that answers for this host */
  urlOf(conversation: SimulatedConversation, communicationId: string, baseUrl: string): string;
  /** Never settles for a transcript that stalls. */
  answer(request: TranscriptRequest): TranscriptAnswer | 'stall';
}

export interface TranscriptHostDeps {
  readonly seed: number;
  readonly lifetimeSeconds: number;
  readonly conversations: SimulatedConversations;
  readonly unknownConversations: 'invented' | 'not-found';
  behaviourOf(communicationId: string): TranscriptBehaviour;
  now(): Date;
}

const DEFAULT_BYTES = 20_000;
const BOMB_BYTES = 256 * 1024 * 1024;

/** Signed like S3's presigned URLs as far as a client can see; the signature is of our own making. */
export function createTranscriptHost(deps: TranscriptHostDeps): TranscriptHost {
  const { seed, lifetimeSeconds, now } = deps;
  const signatureOf = (path: string, date: string, expires: string): string =>
    createHmac('sha256', `transcripts of ${seed}`).update(`${path}\n${date}\n${expires}`).digest('hex');

  return {
    urlOf: ({ conversationId }, communicationId, baseUrl) => {
      const path = `/transcripts/${ORGANIZATION_ID}/${encodeURIComponent(conversationId)}/${encodeURIComponent(communicationId)}.json`;
      const date = now()
        .toISOString()
        .replace(/[-:]|\.\d+/g, '');
      const expires = String(lifetimeSeconds);
      const query = new URLSearchParams({
        'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
        'X-Amz-Credential': `ASIASIMULATOR/${date.slice(0, 8)}/eu-west-1/s3/aws4_request`,
        'X-Amz-Date': date,
        'X-Amz-Expires': expires,
        'X-Amz-SignedHeaders': 'host',
        'X-Amz-Signature': signatureOf(path, date, expires),
      });
      return `${baseUrl}${path}?${query.toString()}`;
    },
    answer: ({ url, headers }) => {
      const { pathname, searchParams } = new URL(url, 'http://localhost');
      if (headers['authorization'] !== undefined)
        return s3Error(400, 'InvalidArgument', 'Only one auth mechanism allowed');
      const [date, expires] = [searchParams.get('X-Amz-Date') ?? '', searchParams.get('X-Amz-Expires') ?? ''];
      if (!isSame(searchParams.get('X-Amz-Signature') ?? '', signatureOf(pathname, date, expires)))
        return s3Error(403, 'SignatureDoesNotMatch', 'The request signature does not match');
      if (now().getTime() > timeOf(date) + Number(expires) * 1000)
        return s3Error(403, 'AccessDenied', 'Request has expired');
      return download(pathname, deps);
    },
  };
}

function download(path: string, deps: TranscriptHostDeps): TranscriptAnswer | 'stall' {
  const [conversationId = '', file = ''] = path.split('/').slice(3).map(decodeURIComponent);
  const communicationId = file.replace(/\.json$/, '');
  const conversation = deps.conversations.byId(conversationId);
  const agent = conversation && agentOf(conversation, communicationId, deps.unknownConversations);
  if (!conversation || !agent) return s3Error(404, 'NoSuchKey', 'The specified key does not exist.');
  const { bytes: wanted = DEFAULT_BYTES, fault = 'none' } = deps.behaviourOf(communicationId);
  const bytes = Math.max(wanted, MIN_TRANSCRIPT_BYTES);
  const subject = {
    ...agent,
    organizationId: ORGANIZATION_ID,
    conversationId: fault === 'other-conversation' ? '00000000-0000-4000-a000-00000000beef' : conversationId,
    communicationId,
    startedAt: conversation.startedAt,
    bytes,
    seed: createHash('sha256').update(`${deps.seed}/${communicationId}`).digest().readUInt32BE(),
  };
  const headers = { 'content-type': 'application/json', 'content-length': String(bytes) };
  const whole = () => Readable.from(transcriptJson(subject));
  switch (fault) {
    case 'none':
    case 'other-conversation':
      return { status: 200, headers, body: whole(), ending: 'complete' };
    case 'invalid-json':
      return {
        status: 200,
        headers,
        body: Readable.from(broken(transcriptJson(subject))),
        ending: 'complete',
      };
    case 'truncated':
      return {
        status: 200,
        headers,
        body: Readable.from(half(transcriptJson(subject), bytes)),
        ending: 'reset',
      };
    case 'hang':
      return {
        status: 200,
        headers,
        body: Readable.from(half(transcriptJson(subject), bytes)),
        ending: 'hang',
      };
    case 'huge-length':
      return {
        status: 200,
        headers: { ...headers, 'content-length': '500000000000' },
        body: whole(),
        ending: 'hang',
      };
    case 'gzip-bomb':
      return bomb();
    case 'redirect':
      return {
        status: 302,
        headers: { location: 'http://169.254.169.254/latest/meta-data/' },
        body: empty(),
        ending: 'complete',
      };
    case 'denied':
      return s3Error(403, 'AccessDenied', 'Access Denied');
    case 'stall':
      return 'stall';
  }
}

/** Up to about half of the bytes. */
function* half(pieces: Iterable<string>, bytes: number): Generator<string, void, undefined> {
  let sent = 0;
  for (const piece of pieces) {
    if (sent + piece.length > bytes / 2)
      return yield piece.slice(0, Math.max(1, Math.floor(bytes / 2 - sent)));
    sent += Buffer.byteLength(piece);
    yield piece;
  }
}

/** As long as the original, and no JSON from the third phrase on. */
function* broken(pieces: Iterable<string>): Generator<string, void, undefined> {
  let index = 0;
  for (const piece of pieces) {
    yield index === 3 ? `}}oops{{${piece.slice(8)}` : piece;
    index += 1;
  }
}

function bomb(): TranscriptAnswer {
  const mebibyte = Buffer.alloc(1024 * 1024, ' ');
  const pieces = Array.from({ length: BOMB_BYTES / mebibyte.byteLength }, () => mebibyte);
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  return { status: 200, headers, body: Readable.from(pieces).pipe(createGzip()), ending: 'complete' };
}

const empty = (): Readable => Readable.from([]);

/** As S3 says it. */
function s3Error(status: number, code: string, message: string): TranscriptAnswer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: Readable.from([body]),
    ending: 'complete',
  };
}

/** Milliseconds of a basic ISO 8601 time. */
function timeOf(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function isSame(given: string, wanted: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(wanted)];
  return left.length === right.length && timingSafeEqual(left, right);
}
