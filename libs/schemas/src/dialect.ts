import type { AnalyticsOutcome } from './analytics-outcome.ts';
import type { ConversationEvent, TranscriptReadyEvent } from './conversation-event.ts';
import type { AnalyticsType, ConversationType, TRANSCRIPT_READY_TYPE } from './constants.ts';
import type { ProblemError } from './problem.ts';

/** One thing of a delivery that may become an event. */
export interface Item {
  /** JSON pointer into the body. */
  readonly pointer: string;
  readonly value: unknown;
  /** The id that the sender gave, unchecked. */
  readonly declaredId?: unknown;
  readonly declaredIdPointer?: string;
}

/** An event of ours, before it has an envelope. */
export type AdaptedEvent =
  | { readonly outcome: 'event'; readonly type: AnalyticsType; readonly data: AnalyticsOutcome }
  | { readonly outcome: 'event'; readonly type: ConversationType; readonly data: ConversationEvent }
  | {
      readonly outcome: 'event';
      readonly type: typeof TRANSCRIPT_READY_TYPE;
      readonly data: TranscriptReadyEvent;
    };

export type Adapted =
  | AdaptedEvent
  /** Well-formed, but not something we record. */
  | { readonly outcome: 'skipped' }
  | { readonly outcome: 'refused'; readonly errors: readonly ProblemError[] };

/** One way to write events down. `adapt` translates an item into our own event data; it never throws. */
export interface DialectAdapter {
  recognises(payload: Readonly<Record<string, unknown>>): boolean;
  items(payload: Readonly<Record<string, unknown>>): readonly Item[];
  adapt(item: Item, options: { readonly mediaTypes: readonly string[] }): Adapted;
}

interface AjvError {
  readonly instancePath: string;
  readonly message?: string;
  readonly keyword: string;
  /** Of a missing property, its name; all of it only for what people write by hand (`compile.ts`). */
  readonly params?: Readonly<Record<string, unknown>>;
}
/** A compiled JSON Schema. `errors` belongs to the last call. */
export interface Validator<T> {
  (value: unknown): value is T;
  errors?: readonly AjvError[] | null;
}

/** What the last call of `validate` found wrong, with pointers into the whole body; never a value. */
export function refused(
  item: Pick<Item, 'pointer'>,
  validate: Pick<Validator<unknown>, 'errors'>,
): Extract<Adapted, { outcome: 'refused' }> {
  const errors = (validate.errors ?? []).map(({ instancePath, message, keyword }) => ({
    pointer: `${item.pointer}${instancePath}`,
    message: keyword === 'pattern' ? 'has characters that are not allowed' : (message ?? keyword),
  }));
  return { outcome: 'refused', errors };
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
