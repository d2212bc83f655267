import type { AnswerFields } from './answer-fields.ts';

/**
 * A conversation as analytics knows it. Names, numbers, notes and participant attributes are left behind: they are
 * personal, and nothing here needs them.
 */
export interface Conversation {
  readonly conversationId: string;
  readonly startedAt: Date;
  /** Undefined while it goes on. */
  readonly endedAt: Date | undefined;
  readonly originatingDirection: string | undefined;
  readonly participants: readonly Participant[];
}

export interface Participant {
  /** `customer`, `external`, `agent`, `ivr`, `acd`, … */
  readonly purpose: string | undefined;
  readonly userId: string | undefined;
  readonly sessions: readonly Session[];
}

export interface Session {
  /** The same as the communication id of speech analytics. */
  readonly sessionId: string | undefined;
  readonly mediaType: string | undefined;
  readonly direction: string | undefined;
  readonly isRecorded: boolean;
  /** In the order of the segments, each once. */
  readonly queueIds: readonly string[];
}

/** @throws GenesysAnswerError */
export function conversation(fields: AnswerFields): Conversation {
  return {
    conversationId: fields.requiredText('conversationId'),
    startedAt: fields.requiredDate('conversationStart'),
    endedAt: fields.date('conversationEnd'),
    originatingDirection: fields.text('originatingDirection'),
    participants: fields.list('participants').map(participant),
  };
}

function participant(fields: AnswerFields): Participant {
  return {
    purpose: fields.text('purpose'),
    userId: fields.text('userId'),
    sessions: fields.list('sessions').map(session),
  };
}

function session(fields: AnswerFields): Session {
  const queueIds = fields.list('segments').flatMap((segment) => segment.text('queueId') ?? []);
  return {
    sessionId: fields.text('sessionId'),
    mediaType: fields.text('mediaType'),
    direction: fields.text('direction'),
    isRecorded: fields.isTrue('recording'),
    queueIds: [...new Set(queueIds)],
  };
}
