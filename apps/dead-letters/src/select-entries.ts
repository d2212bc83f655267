import type { SetAsideTaskSelection } from '@aftercall/schemas';
import type { SetAside, SetAsideEntry, SetAsideState } from '@aftercall/set-aside';

/**
 * Everything that is meant, of all its kinds, in the one order in which it was set aside: what is left of a conversation
 * may lie in several of them.
 */
export function selectEntries(
  { kinds, ids = [undefined], since, until, reason, conversationId }: SelectedEntries,
  states: readonly SetAsideState[],
  { inOrder }: Pick<SetAside, 'inOrder'>,
): AsyncIterable<SetAsideEntry> {
  const streams = kinds.flatMap((kind) =>
    ids.map((id) =>
      inOrder({
        kind,
        states,
        ...(id !== undefined && { id }),
        ...(reason !== undefined && { reason }),
        ...(conversationId !== undefined && { conversationId }),
        ...(since !== undefined && { since: new Date(since) }),
        ...(until !== undefined && { until: new Date(until) }),
      }),
    ),
  );
  return merged(streams);
}

type SelectedEntries = Omit<SetAsideTaskSelection, 'ids'> & {
  readonly ids?: readonly (string | undefined)[];
};

async function* merged(streams: readonly AsyncIterable<SetAsideEntry>[]): AsyncGenerator<SetAsideEntry> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
  for (;;) {
    const first = earliest(heads);
    if (first === undefined) return;
    yield first.entry;
    const iterator = iterators[first.index];
    if (iterator !== undefined) heads[first.index] = await iterator.next();
  }
}

function earliest(heads: readonly IteratorResult<SetAsideEntry>[]) {
  const live = heads.flatMap((head, index) => (head.done === true ? [] : [{ entry: head.value, index }]));
  return live.toSorted((one, other) =>
    one.entry.receivedTime.localeCompare(other.entry.receivedTime, 'en'),
  )[0];
}
