import type { CallBudget, PlatformApi, Recordings } from '@aftercall/genesys';
import { askGenesys } from './transcript-errors.ts';

export interface FindDeps {
  readonly api: Pick<PlatformApi, 'recordings' | 'conversationDetails'>;
  readonly budget: CallBudget;
}

/**
 * The communications of a conversation that may have a transcript, each once: those that were recorded, by the list
 * of recordings, or by the conversation's details where that names none. None at all means: not yet.
 */
export async function findCommunications(
  conversationId: string,
  { api, budget }: FindDeps,
): Promise<readonly string[]> {
  const recordings = await askGenesys(() => api.recordings(conversationId, budget));
  if (recordings.outcome === 'transcoding') return [];
  const recorded = sessionsOf(recordings);
  if (recorded.length > 0) return recorded;
  const details = await askGenesys(() => api.conversationDetails(conversationId, budget));
  const sessions = (details?.participants ?? []).flatMap((participant) => participant.sessions);
  return distinct(sessions.flatMap(({ sessionId, isRecorded }) => (isRecorded ? (sessionId ?? []) : [])));
}

/** Archived recordings are listed without their session; those of a screen have nothing to read. */
function sessionsOf(recordings: Recordings): readonly string[] {
  if (recordings.outcome !== 'listed') return [];
  const heard = recordings.recordings.filter(({ media }) => media !== 'screen');
  return distinct(heard.flatMap(({ sessionId }) => sessionId ?? []));
}

const distinct = (ids: readonly string[]): readonly string[] => [...new Set(ids)];
