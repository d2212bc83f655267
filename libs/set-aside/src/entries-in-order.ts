import type { EntryQuery, SetAsideEntry } from './index-store.ts';

const PAGE_ENTRIES = 500;

/** Reads a page of the entries that are meant. */
export type ReadPage = (
  page: Pick<EntryQuery, 'order' | 'limit' | 'after'>,
) => Promise<readonly SetAsideEntry[]>;

/**
 * Every entry in the order in which it was set aside. Those of one millisecond stand in the index by id, which says
 * nothing, and leave it in SQS's own order.
 */
export async function* entriesInOrder(readPage: ReadPage): AsyncGenerator<SetAsideEntry> {
  let moment: SetAsideEntry[] = [];
  for await (const entry of oldestFirst(readPage)) {
    if (moment[0] !== undefined && moment[0].receivedTime !== entry.receivedTime) {
      yield* bySequence(moment);
      moment = [];
    }
    moment.push(entry);
  }
  yield* bySequence(moment);
}

async function* oldestFirst(readPage: ReadPage): AsyncGenerator<SetAsideEntry> {
  let after: string | undefined;
  for (;;) {
    const order = { order: 'oldest-first', limit: PAGE_ENTRIES } as const;
    const page = await readPage({ ...order, ...(after !== undefined && { after }) });
    yield* page;
    after = page.at(-1)?.sk;
    if (page.length < PAGE_ENTRIES) return;
  }
}

/** SQS's sequence numbers are digits of one length. */
const bySequence = (entries: readonly SetAsideEntry[]): readonly SetAsideEntry[] =>
  entries.toSorted(({ sequence: one = '' }, { sequence: other = '' }) => one.localeCompare(other, 'en'));
