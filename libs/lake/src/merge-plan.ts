/** What decides whether a row stays, and where. Times are epoch milliseconds. */
export interface RowKeys {
  readonly eventIds: readonly string[];
  readonly occurredAt: Float64Array;
  readonly receivedAt: Float64Array;
}

/** Which rows make up the merged file. */
export interface MergePlan {
  /** Numbers below the count of present rows are those rows, numbers from there on the incoming ones. */
  readonly order: Int32Array;
  readonly added: number;
  readonly replaced: number;
}

/**
 * Of all rows of one event the one received last stays; among those an incoming one, and of the incoming the last. The rows
 * that stay are ordered by time of the event, then id: queries by time leave more out, and equal rows make equal files.
 */
export function planMerge(present: RowKeys, incoming: RowKeys): MergePlan {
  const newest = newestByEvent(incoming);
  const count = present.eventIds.length;
  const kept: number[] = [];
  let replaced = 0;
  for (let row = 0; row < count; row += 1) {
    const eventId = present.eventIds[row] ?? '';
    const rival = newest.get(eventId);
    if (rival !== undefined && at(incoming.receivedAt, rival) >= at(present.receivedAt, row)) {
      replaced += 1;
    } else {
      kept.push(row);
      newest.delete(eventId);
    }
  }
  for (const row of newest.values()) kept.push(count + row);
  return { order: sorted(kept, present, incoming), added: newest.size - replaced, replaced };
}

function newestByEvent({ eventIds, receivedAt }: RowKeys): Map<string, number> {
  const newest = new Map<string, number>();
  for (let row = 0; row < eventIds.length; row += 1) {
    const eventId = eventIds[row] ?? '';
    const known = newest.get(eventId);
    if (known === undefined || at(receivedAt, row) >= at(receivedAt, known)) newest.set(eventId, row);
  }
  return newest;
}

function sorted(rows: number[], present: RowKeys, incoming: RowKeys): Int32Array {
  const eventIds = present.eventIds.concat(incoming.eventIds);
  const occurredAt = new Float64Array(eventIds.length);
  occurredAt.set(present.occurredAt);
  occurredAt.set(incoming.occurredAt, present.occurredAt.length);
  const compare = (left: number, right: number): number =>
    at(occurredAt, left) - at(occurredAt, right) || compareTexts(eventIds[left] ?? '', eventIds[right] ?? '');
  return Int32Array.from(rows.sort(compare));
}

const compareTexts = (left: string, right: string): number => (left < right ? -1 : Number(left > right));

/** An element that is there by construction. */
const at = (values: Float64Array, index: number): number => values[index] ?? NaN;
