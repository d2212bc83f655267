import { createHash } from 'node:crypto';
import { seededRandom } from '../random.ts';
import type { ConversationInput, ConversationPeriod } from './platform-options.ts';

/** A conversation of the tenant. */
export interface SimulatedConversation {
  readonly conversationId: string;
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
  readonly mediaType: string;
  readonly direction: 'inbound' | 'outbound';
  readonly customerSessionId: string;
  /** One for each agent who took part. */
  readonly agents: readonly AgentSession[];
  readonly hasMetrics: boolean;
  readonly recordings: 'listed' | 'archived' | 'absent';
  /** −1 … +1. */
  readonly sentimentScore: number;
  readonly sentimentTrend: number;
  readonly empathyScore: number;
}

export interface AgentSession {
  readonly userId: string;
  readonly queueId: string;
  /** Also the communication id. */
  readonly sessionId: string;
  readonly recordingId: string;
  readonly transcriptId: string;
}

/** All conversations of the tenant, in the order of their start. */
export interface SimulatedConversations {
  add(input: ConversationInput): SimulatedConversation;
  byId(conversationId: string): SimulatedConversation | undefined;
  /** Those that were under way between the two, in the order of their start. */
  between(fromMillis: number, toMillis: number): readonly SimulatedConversation[];
}

interface ConversationsOptions {
  readonly seed: number;
  readonly period?: ConversationPeriod;
  readonly conversations?: readonly ConversationInput[];
  readonly unknownConversations?: 'invented' | 'not-found';
  now(): Date;
}

/** So that overlaps can be found without looking at every conversation. */
const MAX_DURATION_MILLIS = 30 * 60_000;

/** Conversations of a period are made when they are asked for: their ids bear their number. */
export function createConversations(options: ConversationsOptions): SimulatedConversations {
  const { seed, period, conversations = [], unknownConversations = 'not-found', now } = options;
  const added = new Map<string, SimulatedConversation>();
  // Long enough for any conversation to be over.
  const longAgo = () => new Date(now().getTime() - MAX_DURATION_MILLIS);
  const add = (input: ConversationInput) => {
    const made = conversationOf(seed, { startedAt: longAgo(), ...input });
    added.set(made.conversationId, made);
    return made;
  };
  for (const input of conversations) add(input);

  const made = new Map<number, SimulatedConversation>();
  const ofPeriod = (index: number): SimulatedConversation | undefined => {
    const known = made.get(index);
    if (known !== undefined) return known;
    if (period === undefined || index < 0 || index >= period.count) return undefined;
    const step = (period.to.getTime() - period.from.getTime()) / period.count;
    const startedAt = new Date(Math.floor(period.from.getTime() + index * step));
    const fresh = conversationOf(seed, { conversationId: numberedId(seed, index), startedAt });
    made.set(index, fresh);
    return fresh;
  };
  return {
    add,
    byId: (conversationId) => {
      const numbered = ofPeriod(Number.parseInt(conversationId.slice(-12), 16));
      const known =
        added.get(conversationId) ?? (numbered?.conversationId === conversationId ? numbered : undefined);
      if (known !== undefined || unknownConversations === 'not-found') return known;
      return add({ conversationId });
    },
    between: (fromMillis, toMillis) => {
      const inPeriod = period === undefined ? [] : indexesBetween(period, fromMillis, toMillis);
      const candidates = [...inPeriod.map(ofPeriod), ...added.values()];
      return candidates
        .filter((one) => one !== undefined)
        .filter(
          ({ startedAt, endedAt }) =>
            startedAt.getTime() < toMillis && (endedAt?.getTime() ?? Infinity) >= fromMillis,
        )
        .sort((left, right) => left.startedAt.getTime() - right.startedAt.getTime());
    },
  };
}

/** The communications of a conversation; for an invented one, whichever is asked for. */
export function agentOf(
  { agents }: SimulatedConversation,
  communicationId: string,
  unknown: 'invented' | 'not-found' = 'not-found',
): AgentSession | undefined {
  const known = agents.find(({ sessionId }) => sessionId === communicationId);
  const [first] = agents;
  return known ?? (unknown === 'invented' && first ? { ...first, sessionId: communicationId } : undefined);
}

function indexesBetween(
  { count, from, to }: ConversationPeriod,
  fromMillis: number,
  toMillis: number,
): number[] {
  const step = (to.getTime() - from.getTime()) / count;
  const first = Math.floor((fromMillis - MAX_DURATION_MILLIS - from.getTime()) / step) - 1;
  const last = Math.ceil((toMillis - from.getTime()) / step) + 1;
  const low = Math.max(0, first);
  return Array.from({ length: Math.max(0, Math.min(count, last) - low) }, (_, offset) => low + offset);
}

/** Its last part is the number, so that the id leads back to it. */
function numberedId(seed: number, index: number): string {
  const [id = ''] = uuidsOf(`${seed}/${index}`);
  return `${id.slice(0, 24)}${index.toString(16).padStart(12, '0')}`;
}

function conversationOf(
  seed: number,
  input: ConversationInput & { readonly startedAt: Date },
): SimulatedConversation {
  const { startedAt, metrics = 'present', recordings = 'listed' } = input;
  const conversationId = input.conversationId ?? uuidsOf(`${seed}/at/${startedAt.getTime()}`)[0] ?? '';
  const [customerSessionId = '', ownSessionId = ''] = uuidsOf(`${seed}/${conversationId}`);
  const random = seededRandom(Number.parseInt(customerSessionId.slice(0, 8), 16));
  const ownEnd = new Date(startedAt.getTime() + random.between(20_000, MAX_DURATION_MILLIS - 1_000));
  const { endedAt = ownEnd, communicationIds = [ownSessionId] } = input;
  return {
    conversationId,
    startedAt,
    endedAt: endedAt ?? undefined,
    mediaType: input.mediaType ?? (random.chance(0.9) ? 'voice' : 'chat'),
    direction: random.chance(0.8) ? 'inbound' : 'outbound',
    customerSessionId,
    agents: communicationIds.map((sessionId) => agentSession(seed, sessionId)),
    hasMetrics: metrics === 'present',
    recordings,
    sentimentScore: random.between(-100, 100) / 100,
    sentimentTrend: random.between(-50, 50) / 100,
    empathyScore: random.between(0, 1000) / 10,
  };
}

function agentSession(seed: number, sessionId: string): AgentSession {
  const [userId = '', queueId = '', recordingId = '', transcriptId = ''] = uuidsOf(`${seed}/${sessionId}`);
  return { userId, queueId, sessionId, recordingId, transcriptId };
}

/** Four ids in the form of a version 4 UUID; a hundred thousand conversations need a million of them. */
function uuidsOf(text: string): string[] {
  const hex = createHash('sha512').update(text).digest('hex');
  return [0, 32, 64, 96].map((at) => {
    const [a, b, c, d] = [
      hex.slice(at, at + 8),
      hex.slice(at + 8, at + 12),
      hex.slice(at + 13, at + 16),
      hex.slice(at + 17, at + 20),
    ];
    return `${a}-${b}-4${c}-a${d}-${hex.slice(at + 20, at + 32)}`;
  });
}
