import type { TranscriptRequest } from '@aftercall/schemas';

/** What is still missing, by the day on which it was first asked for. */
export interface MissingTranscripts {
  /** Notes a request, in place of what was noted of it before. */
  putMissing(request: TranscriptRequest, expiresAt: Date): Promise<void>;
  /** One that is not noted is no failure. */
  removeMissing(request: TranscriptRequest): Promise<void>;
  /** Page by page. @param day as `YYYY-MM-DD`, in UTC */
  missingOf(day: string): AsyncIterable<readonly TranscriptRequest[]>;
}

/** The day of a time, in UTC. */
export const dayOf = (time: Date): string => time.toISOString().slice(0, 10);
