import type { FaultRule } from './faults.ts';

/** A conversation that the tenant had; what is not given follows from its id and the seed. */
export interface ConversationInput {
  readonly conversationId?: string;
  readonly startedAt?: Date;
  /** Null while it goes on. */
  readonly endedAt?: Date | null;
  /** `voice`, `chat`, `message`, … in the lower case of the analytics API. */
  readonly mediaType?: string;
  /** One agent's session each. Default: one. */
  readonly communicationIds?: readonly string[];
  /** Without, speech analytics answers 404. Default: with. */
  readonly metrics?: 'present' | 'absent';
  /** Archived ones are listed without their session. Default: listed. */
  readonly recordings?: 'listed' | 'archived' | 'absent';
}

/** A whole period of conversations, evenly spread, that exist only as far as they are asked for. */
export interface ConversationPeriod {
  readonly count: number;
  readonly from: Date;
  readonly to: Date;
}

/** What becomes of a transcript. */
export interface TranscriptBehaviour {
  /** From the first time that somebody asks on; until then, `transcripturl` answers 404. Default: 0. */
  readonly readyAfterSeconds?: number | 'never';
  /** Answers 202 instead of 404 while it is not ready. */
  readonly notReadyStatus?: 404 | 202;
  /** Size of its JSON, to the byte. Default: 20,000; at least 2,000. */
  readonly bytes?: number;
  /** What is wrong with the download. */
  readonly fault?: TranscriptFault;
}

/**
 * `truncated` ends the connection half-way; `invalid-json` breaks in the middle; `other-conversation` is somebody
 * else's; `huge-length` announces 500 GB; `gzip-bomb` is 1,000 times larger than it travels; `redirect` leads to
 * another URL; `hang` stops half-way; `stall` never begins; `denied` is 403.
 */
export type TranscriptFault =
  | 'truncated'
  | 'invalid-json'
  | 'other-conversation'
  | 'huge-length'
  | 'gzip-bomb'
  | 'redirect'
  | 'hang'
  | 'stall'
  | 'denied';

/** What a details job comes to, and how long it takes. */
export interface JobBehaviour {
  /** Default: FULFILLED. */
  readonly endsAs?: 'FULFILLED' | 'FAILED' | 'CANCELLED' | 'EXPIRED';
  /** Default: 0. */
  readonly queuedSeconds?: number;
  /** Default: 0. */
  readonly pendingSeconds?: number;
  /** `repeated` leads from each page to itself. Default: good. */
  readonly cursors?: 'good' | 'repeated';
  /** After that a job is EXPIRED. Default: a day. */
  readonly expiresAfterSeconds?: number;
}

/** An OAuth client of the tenant. */
export interface PlatformClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Permissions that its roles do not grant. */
  readonly withoutPermissions?: readonly string[];
}

/** What decides how the Platform API answers. The same options, requests and times give the same answers. */
export interface PlatformOptions {
  readonly seed: number;
  now(): Date;
  /** Default: `TEST_CLIENT`. */
  readonly clients?: readonly PlatformClient[];
  /** Default: 86,399. */
  readonly tokenLifetimeSeconds?: number;
  /** For each token. Default: 300. */
  readonly requestsPerMinute?: number;
  /** Default: none. */
  readonly period?: ConversationPeriod;
  readonly conversations?: readonly ConversationInput[];
  /** Whether a conversation that nobody has told of is there all the same, with any communication. Default: not. */
  readonly unknownConversations?: 'invented' | 'not-found';
  readonly transcripts?: TranscriptBehaviour;
  /** Default: 600. */
  readonly transcriptUrlLifetimeSeconds?: number;
  /** From the first time that somebody asks for recordings on: they answer 202. Default: 0. */
  readonly transcodingSeconds?: number;
  readonly jobs?: JobBehaviour;
  /** How far the data lake, which jobs read, is behind. Default: 0. */
  readonly dataLagSeconds?: number;
  readonly faults?: readonly FaultRule[];
}

/** The client that is known unless others are given. */
export const TEST_CLIENT: PlatformClient = {
  clientId: '5e1f0b52-3a1d-4b64-9d2e-0c3a7a9c1d10',
  clientSecret: 'correct-horse-battery-staple-0123',
};

export const ORGANIZATION_ID = '5d32fe61-985f-44e7-aa09-5ee82bb29976';
