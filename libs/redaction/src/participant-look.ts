import { BACKSLASH, QUOTE } from './characters.ts';
import { fieldAt } from './fields.ts';
import { decodedString } from './json-string.ts';
import type { Window } from './window.ts';

/**
 * A phrase may name its participant behind its text, so it is looked through before it is read.
 * In a phrase longer than this, a participant who is named only later counts as nobody.
 */
export const MAX_LOOK_BYTES = 1024 * 1024;

const MAX_NAME_BYTES = 256;
const [COLON, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x3a, 0x7b, 0x7d, 0x5b, 0x5d] as const;

/** A look through one phrase, which may have to wait for more of the document. All offsets are the document's. */
export interface ParticipantLook {
  readonly start: number;
  reached: number;
  depth: number;
  /** Where the string begins that is being passed over; −1 outside of strings. */
  string: number;
  /** The last string of the phrase itself that is complete, without its quotes. */
  lastFrom: number;
  lastTo: number;
  expects: 'key' | 'participant';
}

/** @param start offset of the phrase's opening brace */
export const lookAt = (start: number): ParticipantLook => ({
  start,
  reached: start,
  depth: 0,
  string: -1,
  lastFrom: start,
  lastTo: start,
  expects: 'key',
});

/** The participant; '' when the phrase names none, undefined while more of the document is needed. */
export function participantIn(look: ParticipantLook, window: Window): string | undefined {
  const { base, bytes } = window;
  const limit = look.start + MAX_LOOK_BYTES - base;
  const end = Math.min(window.end, limit);
  let at = look.reached - base;
  while (at < end) {
    if (look.string < 0) {
      pass(look, window, at);
      if (look.depth === 0) return '';
      at += 1;
      continue;
    }
    at = stringEnd(bytes, at, end);
    if (at >= end || bytes[at] !== QUOTE) break;
    if (look.depth === 1) {
      look.lastFrom = look.string;
      look.lastTo = at + base;
      if (look.expects === 'participant') return lastString(look, window);
    }
    look.string = -1;
    at += 1;
  }
  look.reached = at + base;
  return at >= limit ? '' : undefined;
}

/** Goes over one byte outside of strings. */
function pass(look: ParticipantLook, window: Window, at: number): void {
  switch (window.bytes[at] ?? 0) {
    case QUOTE:
      look.string = window.base + at + 1;
      break;
    case OPEN_BRACE:
    case OPEN_BRACKET:
      look.depth += 1;
      break;
    case CLOSE_BRACE:
    case CLOSE_BRACKET:
      look.depth -= 1;
      break;
    case COLON:
      if (look.depth === 1) look.expects = isParticipantKey(look, window) ? 'participant' : 'key';
  }
}

function lastString({ lastFrom, lastTo }: ParticipantLook, window: Window): string {
  return lastTo - lastFrom > MAX_NAME_BYTES
    ? ''
    : decodedString(window, lastFrom - window.base, lastTo - window.base);
}

function isParticipantKey({ lastFrom, lastTo }: ParticipantLook, window: Window): boolean {
  return fieldAt(window, lastFrom - window.base, lastTo - window.base)?.role === 'participant';
}

/** Index of the closing quote, or of what must be here before more can be said. */
function stringEnd(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== QUOTE) {
    if (bytes[at] !== BACKSLASH) at += 1;
    else if (at + 1 < end) at += 2;
    else break;
  }
  return at;
}
