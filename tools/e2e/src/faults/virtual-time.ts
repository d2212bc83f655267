/** Time that passes as fast as what is to be done in it. */
export interface VirtualTime {
  nowMillis(): number;
  now(): Date;
  /** Runs something later; of what is due at one instant, what was planned first runs first. @returns how to call it off */
  after(millis: number, run: () => void): () => void;
  sleep(seconds: number): Promise<void>;
  /** Lets time pass until the condition holds, and no longer than until then. @returns whether it holds */
  passUntil(isOver: () => boolean, atMostMillis: number): Promise<boolean>;
}

interface Planned {
  readonly atMillis: number;
  readonly order: number;
  readonly run: () => void;
  isOff: boolean;
}

/** Long after everything that a function still does in this turn: microtasks and `nextTick` come before it. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * A clock that stands still while anything is being done, and then jumps to what is due next. It needs that nothing
 * waits for the machine's own timers, threads or sockets.
 */
export function createVirtualTime(startMillis: number): VirtualTime {
  const heap: Planned[] = [];
  let nowMillis = startMillis;
  let order = 0;
  const after: VirtualTime['after'] = (millis, run) => {
    // In whole milliseconds, as clocks are read.
    const planned = {
      atMillis: nowMillis + Math.max(0, Math.ceil(millis)),
      order: (order += 1),
      run,
      isOff: false,
    };
    push(heap, planned);
    return () => void (planned.isOff = true);
  };
  return {
    nowMillis: () => nowMillis,
    now: () => new Date(nowMillis),
    after,
    sleep: (seconds) => new Promise((resolve) => void after(seconds * 1000, resolve)),
    passUntil: async (isOver, atMostMillis) => {
      const endMillis = nowMillis + atMostMillis;
      for (;;) {
        await settled();
        if (isOver()) return true;
        const next = first(heap);
        if (next === undefined || next.atMillis > endMillis) {
          nowMillis = endMillis;
          return isOver();
        }
        nowMillis = next.atMillis;
        for (let due = first(heap); due && due.atMillis <= nowMillis; due = first(heap))
          removeFirst(heap)?.run();
      }
    },
  };
}

const isBefore = (one: Planned, other: Planned): boolean =>
  one.atMillis < other.atMillis || (one.atMillis === other.atMillis && one.order < other.order);

/** A binary heap: a run plans tens of thousands of things. */
function push(heap: Planned[], planned: Planned): void {
  let index = heap.push(planned) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBefore(planned, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = planned;
}

/** What is due first; what was called off is forgotten on the way. */
function first(heap: Planned[]): Planned | undefined {
  while (heap[0]?.isOff) removeFirst(heap);
  return heap[0];
}

function removeFirst(heap: Planned[]): Planned | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (first === undefined || last === undefined || first === last) return first;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const right = left + 1;
    const [one, other] = [heap[left], heap[right]];
    const child = other !== undefined && one !== undefined && isBefore(other, one) ? right : left;
    const below = heap[child];
    if (below === undefined || !isBefore(below, last)) break;
    heap[index] = below;
    index = child;
  }
  heap[index] = last;
  return first;
}
