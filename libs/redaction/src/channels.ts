import { breakOff, type Channel, createChannel, openFrom } from './channel.ts';
import type { Found } from './pieces.ts';
import { createQuotes, type QuotedParts } from './quotes.ts';
import type { TermNode } from './term-tree.ts';

/** A match runs on over this many phrases in which its participant says nothing: "four one one one", "mhm", "one one …". */
export const MAX_PHRASES_BETWEEN = 4;

/** At most this much of the document is held back for a match that may still come. */
export const MAX_HELD_BYTES = 4 * 1024 * 1024;

/** More participants than any call has; those beyond share their channels. */
const MAX_PARTICIPANTS = 16;

/** Where a text belongs: who says it and in which field. */
export interface Place {
  readonly participant: string;
  /** A number for list, rank among the alternatives and field. */
  readonly field: number;
  readonly source: 'speech' | 'quote';
}

/** Every channel of a document. */
export interface Channels {
  readonly found: Found;
  readonly terms: TermNode;
  readonly quotes: QuotedParts;
  readonly byParticipant: Map<string, Map<number, Channel>>;
  readonly all: Channel[];
  /** No channel holds back too much before this offset in the document. */
  nextCheck: number;
}

export function createChannels(terms: TermNode, found: Found): Channels {
  return {
    found,
    terms,
    quotes: createQuotes(),
    byParticipant: new Map(),
    all: [],
    nextCheck: MAX_HELD_BYTES,
  };
}

export function channelOf(channels: Channels, { participant, field, source }: Place): Channel {
  const { byParticipant, all, found, terms, quotes } = channels;
  const isFull = byParticipant.size >= MAX_PARTICIPANTS && !byParticipant.has(participant);
  const name = isFull ? '' : participant;
  const ofParticipant = byParticipant.get(name) ?? new Map<number, Channel>();
  byParticipant.set(name, ofParticipant);
  const known = ofParticipant.get(field);
  if (known) return known;
  const channel = createChannel({
    found,
    terms,
    quotes: source === 'quote' ? quotes.ofQuotes : quotes.ofSpeech,
  });
  ofParticipant.set(field, channel);
  all.push(channel);
  return channel;
}

/** A new phrase begins: ends the matches of those who have been silent for too long. */
export function beginPhrase(channels: Channels, phrase: number): void {
  for (const channel of channels.all) {
    if (phrase - channel.phrase > MAX_PHRASES_BETWEEN + 1 && openFrom(channel) !== Infinity)
      breakOff(channel);
  }
}

/** Ends the matches for which too much of the document would have to be held back. */
export function limitHeld(channels: Channels, offset: number): void {
  if (offset < channels.nextCheck) return;
  const oldest = channels.all
    .map((channel) => ({ channel, from: openFrom(channel) }))
    .filter(({ from }) => from < Infinity)
    // In the document's order, so that it does not matter when exactly this is called.
    .sort((one, other) => one.from - other.from);
  const kept = oldest.filter(({ from }) => from + MAX_HELD_BYTES > offset);
  for (const { channel } of oldest.slice(0, oldest.length - kept.length)) breakOff(channel);
  channels.nextCheck = (kept[0]?.from ?? offset) + MAX_HELD_BYTES;
}

export function endChannels(channels: Channels): void {
  for (const channel of channels.all) breakOff(channel);
}

/** Offset in the document up to which no match can begin any more, when it has been read up to `read`. */
export function settledUpTo({ all }: Channels, read: number): number {
  return all.reduce((least, channel) => Math.min(least, openFrom(channel)), read);
}
