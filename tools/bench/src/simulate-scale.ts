/** A stage under a steady load, as far as order, concurrency and partitions limit it. Times are milliseconds. */
export interface ScaleModel {
  readonly eventsPerSecond: number;
  readonly seconds: number;
  /** Events fall on them evenly; each is one group of the queue. */
  readonly conversations: number;
  /** Besides, of all events this share belongs to one more conversation. */
  readonly hotShare: number;
  /** Invocations of the processor at one time. */
  readonly concurrency: number;
  /** Messages that an invocation gets at most. */
  readonly batchSize: number;
  /** Of an invocation with one event; each further event of the same conversation takes that long again. */
  readonly eventMillis: number;
  /** What is added for each further conversation in a batch: CPU is not shared for nothing. */
  readonly groupMillis: number;
  /** Partitions that the tables' keys are spread over. */
  readonly partitions: number;
  readonly writeUnitsPerEvent: number;
  readonly writeUnitsPerPartitionSecond: number;
  readonly seed: number;
}

export interface ScaleResult {
  readonly events: number;
  /** From the first event to the last effect. */
  readonly eventsPerSecond: number;
  /** From an event's arrival to its effect, of all conversations but the hot one. */
  readonly p50: number;
  readonly p99: number;
  /** Of the hot one; absent without one. */
  readonly hotP99?: number;
  /** From the last arrival to the last effect. */
  readonly drainMillis: number;
  /** Of all events, the share that waited for a partition. */
  readonly throttledShare: number;
  /** Invocations at one time, at most. */
  readonly peakConcurrency: number;
}

interface Event {
  readonly arrivesAt: number;
  readonly group: number;
}
interface Invocation {
  readonly endsAt: number;
  readonly events: readonly Event[];
}

const HOT = 0;

/** Plays every event through a FIFO queue, the invocations that take from it, and the partitions that they write to. */
export function simulateScale(model: ScaleModel): ScaleResult {
  const events = arrivals(model);
  const queue = createGroupQueue();
  const write = createPartitions(model);
  const running = createHeap<Invocation>(({ endsAt }) => endsAt);
  const waits: number[] = [];
  const hotWaits: number[] = [];
  let next = 0;
  let now = 0;
  let peakConcurrency = 0;
  const start = () => {
    while (running.size() < model.concurrency) {
      const batch = queue.take(model.batchSize);
      if (batch.length === 0) return;
      running.push({ endsAt: now + workMillis(batch, model) + write.millis(batch, now), events: batch });
      peakConcurrency = Math.max(peakConcurrency, running.size());
    }
  };
  while (next < events.length || running.size() > 0) {
    const arrival = events[next];
    const ending = running.peek();
    if (arrival !== undefined && (ending === undefined || arrival.arrivesAt <= ending.endsAt)) {
      now = arrival.arrivesAt;
      queue.put(arrival);
      next += 1;
    } else if (ending !== undefined) {
      running.pop();
      now = ending.endsAt;
      for (const { group, arrivesAt } of ending.events)
        (group === HOT && model.hotShare > 0 ? hotWaits : waits).push(now - arrivesAt);
      queue.release(ending.events);
    }
    start();
  }
  return {
    events: events.length,
    eventsPerSecond: events.length / (now / 1_000),
    p50: quantile(waits, 0.5),
    p99: quantile(waits, 0.99),
    ...(hotWaits.length > 0 && { hotP99: quantile(hotWaits, 0.99) }),
    drainMillis: now - (events.at(-1)?.arrivesAt ?? 0),
    throttledShare: write.throttled() / events.length,
    peakConcurrency,
  };
}

function arrivals({ eventsPerSecond, seconds, conversations, hotShare, seed }: ScaleModel): readonly Event[] {
  const random = createRandom(seed);
  const events: Event[] = [];
  for (let at = 0; ; ) {
    // The gaps of a Poisson process.
    at += (-Math.log(1 - random()) / eventsPerSecond) * 1_000;
    if (at >= seconds * 1_000) return events;
    const isHot = random() < hotShare;
    events.push({ arrivesAt: at, group: isHot ? HOT : 1 + Math.floor(random() * conversations) });
  }
}

/** SQS FIFO: in the order of arrival, several of one group in a batch, and none of a group that is in flight. */
function createGroupQueue() {
  const waiting = new Map<number, Event[]>();
  const inFlight = new Set<number>();
  /** Groups with something to hand out. A queue with a moving head: taking from the front of an array is linear. */
  const ready: number[] = [];
  let head = 0;
  return {
    put: (event: Event) => {
      const ofGroup = waiting.get(event.group);
      if (ofGroup !== undefined) ofGroup.push(event);
      else {
        waiting.set(event.group, [event]);
        if (!inFlight.has(event.group)) ready.push(event.group);
      }
    },
    take: (most: number): readonly Event[] => {
      const batch: Event[] = [];
      while (batch.length < most && head < ready.length) {
        const group = ready[head] ?? HOT;
        head += 1;
        const ofGroup = waiting.get(group) ?? [];
        batch.push(...ofGroup.splice(0, most - batch.length));
        if (ofGroup.length === 0) waiting.delete(group);
        inFlight.add(group);
      }
      return batch;
    },
    release: (events: readonly Event[]) => {
      for (const group of new Set(events.map((event) => event.group))) {
        inFlight.delete(group);
        if (waiting.has(group)) ready.push(group);
      }
    },
  };
}

/** Groups of a batch are worked on together, the events of a group one after the other. */
function workMillis(batch: readonly Event[], { eventMillis, groupMillis }: ScaleModel): number {
  const sizes = [...Map.groupBy(batch, ({ group }) => group).values()].map(({ length }) => length);
  return Math.max(...sizes) * eventMillis + (sizes.length - 1) * groupMillis;
}

/** What a partition cannot write now it writes when its second comes; a second's worth is let through at once. */
function createPartitions({ partitions, writeUnitsPerEvent, writeUnitsPerPartitionSecond }: ScaleModel) {
  const busyUntil = new Float64Array(partitions);
  const millisPerEvent = (writeUnitsPerEvent / writeUnitsPerPartitionSecond) * 1_000;
  let throttled = 0;
  return {
    millis: (batch: readonly Event[], now: number): number => {
      let longest = 0;
      for (const { group } of batch) {
        const partition = hashOf(group) % partitions;
        const until = Math.max(busyUntil[partition] ?? 0, now) + millisPerEvent;
        busyUntil[partition] = until;
        const wait = until - now - 1_000;
        if (wait > 0) throttled += 1;
        longest = Math.max(longest, wait);
      }
      return longest;
    },
    throttled: () => throttled,
  };
}

/** @see https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    return hashOf(state) / 2 ** 32;
  };
}

function hashOf(value: number): number {
  const mixed = Math.imul(value ^ (value >>> 15), 1 | value);
  const more = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return (more ^ (more >>> 14)) >>> 0;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** The least first. */
function createHeap<T>(keyOf: (item: T) => number) {
  const items: T[] = [];
  const key = (index: number): number => {
    const item = items[index];
    return item === undefined ? Infinity : keyOf(item);
  };
  const swap = (left: number, right: number) => {
    [items[left], items[right]] = [items[right] as T, items[left] as T];
  };
  return {
    size: () => items.length,
    peek: (): T | undefined => items[0],
    push: (item: T) => {
      items.push(item);
      for (let at = items.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1;
        if (key(parent) <= key(at)) return;
        swap(parent, at);
        at = parent;
      }
    },
    pop: () => {
      swap(0, items.length - 1);
      items.pop();
      for (let at = 0; ; ) {
        const [left, right] = [2 * at + 1, 2 * at + 2];
        const least = key(left) <= key(right) ? left : right;
        if (key(least) >= key(at)) return;
        swap(at, least);
        at = least;
      }
    },
  };
}
