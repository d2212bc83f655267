import { beginString, type Channel } from './channel.ts';
import { beginPhrase, channelOf, type Channels, limitHeld } from './channels.ts';
import { type Field, FIELD_NUMBERS, fieldAt } from './fields.ts';
import type { JsonHandler, StringUse } from './json-scanner.ts';
import { lookAt, type ParticipantLook, participantIn } from './participant-look.ts';
import { readText, type TextReading } from './read-text.ts';
import type { Vocabulary } from './vocabulary.ts';
import type { Window } from './window.ts';

/** Alternatives beyond this share the channel of the last. */
const MAX_RANK = 4;

/** How far a transcript has been read into the channels that its texts belong to. */
export interface TranscriptReader {
  readonly window: Window;
  readonly channels: Channels;
  readonly reading: TextReading;
  /** Objects and arrays that the reading is in. */
  depth: number;
  /** For each of them the key it stands under, elements of an array under the array's. */
  readonly fields: (Field | undefined)[];
  /** For each the elements that have begun; −1 for an object. */
  readonly elements: number[];
  /** The key that was read last. */
  key: Field | undefined;
  /** How many containers deep the phrase is that the reading is in, and its alternatives; 0 outside. */
  phraseDepth: number;
  alternativesDepth: number;
  /** The list that the phrase is in, and who says it. */
  list: Field | undefined;
  participant: string;
  look: ParticipantLook | undefined;
  /** Where the string belongs that is being read, and the number that `channel` goes by while the phrase lasts. */
  channel: Channel | undefined;
  channelNumber: number;
  /** Counted through the document: strings, what stands in lists of phrases, and the phrases themselves. */
  strings: number;
  listed: number;
  phrases: number;
  conversationId: string | undefined;
  communicationId: string | undefined;
}

export function createTranscriptReader(
  window: Window,
  vocabulary: Vocabulary,
  channels: Channels,
): TranscriptReader {
  const beforeWord = (offset: number) => limitHeld(channels, offset);
  return {
    window,
    channels,
    reading: { window, vocabulary, beforeWord, place: 'text' },
    depth: 0,
    fields: [],
    elements: [],
    key: undefined,
    phraseDepth: 0,
    alternativesDepth: 0,
    list: undefined,
    participant: '',
    look: undefined,
    channel: undefined,
    channelNumber: -1,
    strings: 0,
    listed: 0,
    phrases: 0,
    conversationId: undefined,
    communicationId: undefined,
  };
}

/** The reader as the scanner knows it. */
export function handlerOf(reader: TranscriptReader): JsonHandler {
  return {
    openObject: (offset) => openObject(reader, offset),
    openArray: () => enter(reader, 0),
    close: () => leave(reader),
    key: (from, to) => void (reader.key = fieldAt(reader.window, from, to)),
    string: (offset) => useOf(reader, offset),
    text: () => (reader.channel ? readText(reader.reading, reader.channel) : 'complete'),
    kept: (text) => keep(reader, text),
  };
}

function openObject(reader: TranscriptReader, offset: number): 'go on' | 'wait' {
  const list = fieldHere(reader);
  if (
    reader.phraseDepth === 0 &&
    isInArray(reader) &&
    (list?.role === 'phrases' || list?.role === 'quotes')
  ) {
    reader.look ??= lookAt(offset);
    const participant = participantIn(reader.look, reader.window);
    if (participant === undefined) return 'wait';
    startPhrase(reader, list, participant, offset);
  }
  enter(reader, -1);
  return 'go on';
}

function startPhrase(reader: TranscriptReader, list: Field, participant: string, offset: number): void {
  reader.look = undefined;
  reader.phraseDepth = reader.depth + 1;
  reader.list = list;
  reader.participant = participant;
  reader.channelNumber = -1;
  reader.listed += 1;
  if (list.role === 'phrases') reader.phrases += 1;
  limitHeld(reader.channels, offset);
  beginPhrase(reader.channels, reader.listed);
}

const isInArray = ({ depth, elements }: TranscriptReader): boolean => depth > 0 && elements[depth - 1] !== -1;

/** Under which key a value stands that begins now. */
const fieldHere = (reader: TranscriptReader): Field | undefined =>
  isInArray(reader) ? reader.fields[reader.depth - 1] : reader.key;

function enter(reader: TranscriptReader, elements: -1 | 0): void {
  const field = fieldHere(reader);
  countElement(reader);
  reader.fields[reader.depth] = field;
  reader.elements[reader.depth] = elements;
  reader.depth += 1;
  if (field?.role === 'alternatives' && reader.phraseDepth > 0 && reader.alternativesDepth === 0) {
    reader.alternativesDepth = reader.depth;
  }
}

function countElement(reader: TranscriptReader): void {
  if (isInArray(reader)) reader.elements[reader.depth - 1] = (reader.elements[reader.depth - 1] ?? 0) + 1;
}

function leave(reader: TranscriptReader): void {
  reader.depth -= 1;
  if (reader.depth < reader.alternativesDepth) reader.alternativesDepth = 0;
  if (reader.depth >= reader.phraseDepth) return;
  reader.phraseDepth = 0;
  reader.participant = '';
  reader.list = undefined;
  reader.channelNumber = -1;
}

function useOf(reader: TranscriptReader, offset: number): StringUse {
  const field = fieldHere(reader);
  if (reader.depth === 1 && field?.role === 'identity') return 'keep';
  countElement(reader);
  if (reader.alternativesDepth === 0 && !bearsText(field)) return 'skip';
  const channel = channelHere(reader, field);
  reader.strings += 1;
  limitHeld(reader.channels, offset);
  beginString(channel, reader.strings, offset, reader.listed);
  return 'text';
}

/** Where a list holds strings instead of objects, they are what it is a list of. */
const bearsText = (field: Field | undefined): boolean =>
  field !== undefined && field.role !== 'participant' && field.role !== 'identity';

function channelHere(reader: TranscriptReader, field: Field | undefined): Channel {
  const { alternativesDepth, channels, elements, list, participant } = reader;
  const rank =
    alternativesDepth === 0 ? 0 : Math.min(Math.abs(elements[alternativesDepth - 1] ?? 0), MAX_RANK);
  const number = ((list?.number ?? 0) * (MAX_RANK + 1) + rank) * FIELD_NUMBERS + (field?.number ?? 0);
  if (reader.channel && number === reader.channelNumber) return reader.channel;
  const source = list?.role === 'phrases' && rank === 0 ? 'speech' : 'quote';
  reader.channelNumber = number;
  reader.channel = channelOf(channels, { participant, field: number, source });
  return reader.channel;
}

function keep(reader: TranscriptReader, text: string): void {
  if (reader.key?.name === 'conversationId') reader.conversationId = text;
  else reader.communicationId = text;
}
