import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_BATCH_BYTES, type BatchEntry, type QueueEntry, type SendBatch } from './queue-entry.ts';
import { sendAll, type SendAllOptions } from './send-all.ts';

const RUNS = 500;

/** Answers of a queue to one entry: taken, or a code. */
type Answer = (entry: BatchEntry, timesSeen: number) => string | undefined;

/** A queue that remembers its calls and what it took, and answers as the test says. */
function fakeQueue(answer: Answer = () => undefined) {
  const calls: (readonly BatchEntry[])[] = [];
  const taken: string[] = [];
  const seen = new Map<string, number>();
  const sendBatch: SendBatch = async (entries) => {
    calls.push(entries);
    return entries.flatMap((entry) => {
      const times = (seen.get(entry.body) ?? 0) + 1;
      seen.set(entry.body, times);
      const code = answer(entry, times);
      if (code === undefined) taken.push(entry.body);
      return code === undefined ? [] : [{ entryId: entry.entryId, code }];
    });
  };
  return { sendBatch, calls, taken, sizes: () => calls.map(({ length }) => length) };
}

function entryOf(groupId: string, body: string): QueueEntry {
  return { groupId, body, deduplicationId: body, attributes: { seal: 'v1:k1:c2VhbA==' } };
}

const groupOf = (groupId: string, length: number) =>
  Array.from({ length }, (_, index) => entryOf(groupId, `${groupId}:${index}`));

const bodiesOf = (entries: readonly QueueEntry[]) => entries.map(({ body }) => body);

const options = (sendBatch: SendBatch, changes: Partial<SendAllOptions> = {}): SendAllOptions => ({
  sendBatch,
  attempts: 3,
  concurrency: 4,
  pauseMillis: () => 0,
  ...changes,
});

describe('packing', () => {
  test('sends nothing for nothing', async () => {
    const queue = fakeQueue();
    await expect(sendAll([], options(queue.sendBatch))).resolves.toEqual({ sent: 0, unsent: [], codes: [] });
    expect(queue.calls).toEqual([]);
  });

  test('fills calls with entries of different groups', async () => {
    const queue = fakeQueue();
    const entries = Array.from({ length: 25 }, (_, index) => entryOf(`g${index}`, `e${index}`));
    await expect(sendAll(entries, options(queue.sendBatch))).resolves.toMatchObject({ sent: 25, unsent: [] });
    expect(queue.sizes().sort((a, b) => b - a)).toEqual([10, 10, 5]);
  });

  test('fills calls with entries without a group', async () => {
    const queue = fakeQueue();
    const entries = Array.from({ length: 12 }, (_, index) => ({ body: `e${index}`, attributes: {} }));
    await sendAll(entries, options(queue.sendBatch));
    expect(queue.sizes()).toEqual([10, 2]);
  });

  test('fills the last call of a long group with a short one', async () => {
    const queue = fakeQueue();
    await sendAll([...groupOf('long', 13), ...groupOf('short', 7)], options(queue.sendBatch));
    expect(queue.sizes()).toEqual([10, 10]);
  });

  test('sends the calls of one group one after the other, and those of others meanwhile', async () => {
    const queue = fakeQueue();
    const running = new Set<string>();
    let mostRunning = 0;
    let isOvertaken = false;
    const sendBatch: SendBatch = async (entries) => {
      const group = entries[0]?.groupId ?? '';
      isOvertaken ||= running.has(group);
      running.add(group);
      mostRunning = Math.max(mostRunning, running.size);
      await new Promise(setImmediate);
      running.delete(group);
      return queue.sendBatch(entries);
    };
    await sendAll(
      ['a', 'b', 'c'].flatMap((group) => groupOf(group, 20)),
      options(sendBatch, { concurrency: 2 }),
    );
    expect(queue.taken).toHaveLength(60);
    expect(mostRunning).toBe(2);
    expect(isOvertaken).toBe(false);
  });

  test('cuts calls by size, attributes counted, to the byte', async () => {
    const attributes = { ключ: 'значение' };
    const attributeBytes = 8 + 'String'.length + 16;
    const half = { groupId: 'g', attributes, body: 'x'.repeat(MAX_BATCH_BYTES / 2 - attributeBytes) };
    const exact = fakeQueue();
    await sendAll([half, half], options(exact.sendBatch));
    expect(exact.sizes()).toEqual([2]);

    const above = fakeQueue();
    await sendAll([half, { ...half, body: `${half.body}x` }], options(above.sendBatch));
    expect(above.sizes()).toEqual([1, 1]);
  });
});

describe('an entry that no call can hold', () => {
  const tooLarge = entryOf('g', 'x'.repeat(MAX_BATCH_BYTES));

  test('is unsent at once, with what comes behind it in its group and nothing else', async () => {
    const queue = fakeQueue();
    const entries = [entryOf('g', 'before'), tooLarge, entryOf('other', 'neighbour'), entryOf('g', 'behind')];
    const result = await sendAll(entries, options(queue.sendBatch));
    expect(result).toEqual({ sent: 2, unsent: [tooLarge, entries[3]], codes: ['too-large'] });
    expect(queue.taken).toEqual(['before', 'neighbour']);
  });
});

describe('entries without a group', () => {
  test('do not wait for each other', async () => {
    const entries = [
      { body: 'x'.repeat(MAX_BATCH_BYTES + 1), attributes: {} },
      { body: 'small', attributes: {} },
    ];
    await expect(sendAll(entries, options(fakeQueue().sendBatch))).resolves.toMatchObject({ sent: 1 });
  });
});

describe('a failed entry', () => {
  test('is sent again alone', async () => {
    const queue = fakeQueue(({ body }, times) => (body === 'b' && times === 1 ? 'InternalError' : undefined));
    const entries = [entryOf('1', 'a'), entryOf('2', 'b'), entryOf('3', 'c')];
    await expect(sendAll(entries, options(queue.sendBatch))).resolves.toEqual({
      sent: 3,
      unsent: [],
      codes: [],
    });
    expect(queue.calls.map(bodiesOf)).toEqual([['a', 'b', 'c'], ['b']]);
  });

  test('is given up after the attempts, and what comes behind it in later calls stays unsent', async () => {
    const queue = fakeQueue(({ body }) => (body === 'g:4' ? 'InternalError' : undefined));
    const entries = groupOf('g', 25);
    const result = await sendAll(entries, options(queue.sendBatch));
    expect(queue.sizes()).toEqual([10, 1, 1]);
    expect(bodiesOf(result.unsent)).toEqual(['g:4', ...bodiesOf(entries.slice(10))]);
    expect(result).toMatchObject({ sent: 9, codes: ['InternalError'] });
  });

  test('is not sent again when it is the sender’s fault, nor is what failed behind it', async () => {
    const codes: Record<string, string> = { 'g:1': 'InvalidMessageContents', 'g:2': 'InternalError' };
    const queue = fakeQueue(({ body }) => codes[body]);
    const result = await sendAll(groupOf('g', 4), options(queue.sendBatch));
    expect(queue.sizes()).toEqual([4]);
    expect(bodiesOf(result.unsent)).toEqual(['g:1', 'g:2']);
  });

  test('does not keep other chains from being sent', async () => {
    const queue = fakeQueue(({ groupId }) => (groupId === 'bad' ? 'InternalError' : undefined));
    const result = await sendAll([...groupOf('bad', 10), ...groupOf('good', 20)], options(queue.sendBatch));
    expect(result.sent).toBe(20);
  });

  test('keeps its code when a retry brings another one through', async () => {
    const queue = fakeQueue(({ body }, times) => {
      if (body === 'g:1') return 'InvalidMessageContents';
      return times === 1 ? 'InternalError' : undefined;
    });
    const result = await sendAll(groupOf('g', 2), options(queue.sendBatch));
    expect(result).toMatchObject({ sent: 1, codes: ['InvalidMessageContents'] });
  });
});

describe('a call that throws', () => {
  test('is repeated whole, with a pause before each retry', async () => {
    const queue = fakeQueue();
    const pauses: number[] = [];
    const sendBatch: SendBatch = async (entries) => {
      if (pauses.length < 2) throw new Error('socket hang up');
      return queue.sendBatch(entries);
    };
    const pauseMillis = (retry: number) => pauses.push(retry);
    await expect(sendAll(groupOf('g', 3), options(sendBatch, { pauseMillis }))).resolves.toMatchObject({
      sent: 3,
    });
    expect(pauses).toEqual([1, 2]);
  });

  test('leaves its entries unsent after the attempts, and says what was thrown', async () => {
    const sendBatch: SendBatch = () =>
      Promise.reject(Object.assign(new Error('slow'), { name: 'TimeoutError' }));
    const entries = groupOf('g', 3);
    await expect(sendAll(entries, options(sendBatch))).resolves.toEqual({
      sent: 0,
      unsent: entries,
      codes: ['TimeoutError'],
    });
  });

  test('is repeated after a short pause by itself', async () => {
    let calls = 0;
    const sendBatch: SendBatch = async () => {
      calls += 1;
      if (calls < 3) throw new Error('socket hang up');
      return [];
    };
    await expect(sendAll(groupOf('g', 1), { sendBatch, attempts: 3, concurrency: 1 })).resolves.toMatchObject(
      { sent: 1 },
    );
  });
});

describe('a signal that fires', () => {
  test('lets nothing start when it fired before', async () => {
    const queue = fakeQueue();
    const entries = groupOf('g', 3);
    const result = await sendAll(entries, options(queue.sendBatch, { signal: AbortSignal.abort() }));
    expect(result).toEqual({ sent: 0, unsent: entries, codes: ['aborted'] });
    expect(queue.calls).toEqual([]);
  });

  test('lets nothing new start after the running call, which is told', async () => {
    const abort = new AbortController();
    const queue = fakeQueue();
    const told: unknown[] = [];
    const sendBatch: SendBatch = async (entries, signal) => {
      told.push(signal);
      abort.abort();
      return queue.sendBatch(entries);
    };
    const entries = [...groupOf('a', 15), ...groupOf('b', 15)];
    const result = await sendAll(entries, options(sendBatch, { signal: abort.signal, concurrency: 1 }));
    expect(queue.sizes()).toEqual([10]);
    expect(told).toEqual([abort.signal]);
    expect(result).toMatchObject({ sent: 10, codes: ['aborted'] });
    expect(result.unsent).toEqual([...entries.slice(10, 15), ...entries.slice(15)]);
  });

  test('ends the pause before a retry', async () => {
    const abort = new AbortController();
    const sizes: number[] = [];
    const sendBatch: SendBatch = async (entries) => {
      sizes.push(entries.length);
      setImmediate(() => abort.abort());
      throw new Error('socket hang up');
    };
    const pauseMillis = () => 3_600_000;
    const result = await sendAll(groupOf('g', 1), options(sendBatch, { signal: abort.signal, pauseMillis }));
    expect(sizes).toEqual([1]);
    expect(result.codes).toEqual(['Error']);
  });
});

/** A mix of groups in any order, sizes up to beyond the limit. */
const shapes = fc.array(
  fc.record({
    group: fc.integer({ min: 0, max: 6 }),
    kilobytes: fc.constantFrom(0, 0, 0, 0, 0, 300, 700, 1024),
  }),
  { maxLength: 60 },
);

const entriesOf = (shape: readonly { group: number; kilobytes: number }[]) =>
  shape.map(({ group, kilobytes }, index) => entryOf(`g${group}`, `${index}`.padEnd(kilobytes * 1024, '.')));

/** What may happen to one entry, or, when it happens to the first, to the call. */
type Mishap = 'none' | 'fails' | 'faulty' | 'throws';
const CODES = { none: '', throws: '', fails: 'InternalError', faulty: 'InvalidMessageContents' } as const;
const mishaps = fc.infiniteStream(
  fc.oneof(
    { weight: 20, arbitrary: fc.constant<Mishap>('none') },
    fc.constantFrom<Mishap>('fails', 'faulty', 'throws'),
  ),
);

/** A queue that goes wrong in every way, and notes each rule that a call breaks. */
function treacherousQueue(entries: readonly QueueEntry[], nextMishap: () => Mishap) {
  const taken = new Set<string>();
  const broken: string[] = [];
  const earlierOf = new Map(
    entries.map((entry, index) => [
      entry.body,
      bodiesOf(entries.slice(0, index).filter(({ groupId }) => groupId === entry.groupId)),
    ]),
  );
  const overtakes = ({ body }: BatchEntry, index: number, call: readonly BatchEntry[]) => {
    const inFront = new Set(bodiesOf(call.slice(0, index)));
    return (earlierOf.get(body) ?? []).some((earlier) => !taken.has(earlier) && !inFront.has(earlier));
  };
  const judge = (call: readonly BatchEntry[]) => {
    if (call.length === 0) broken.push('no entries');
    if (call.length > 10) broken.push('too many entries');
    if (new Set(call.map(({ entryId }) => entryId)).size < call.length) broken.push('ids not distinct');
    if (bytesOf(call) > MAX_BATCH_BYTES) broken.push('too many bytes');
    if (call.some(overtakes)) broken.push('out of order');
    if (call.some(({ body }) => taken.has(body))) broken.push('sent though taken');
  };
  const sendBatch: SendBatch = async (call) => {
    judge(call);
    await new Promise(setImmediate);
    const mishaps = call.map(nextMishap);
    if (mishaps[0] === 'throws') throw new Error('nothing taken');
    const codes = mishaps.map((mishap) => CODES[mishap]);
    for (const [index, { body }] of call.entries()) if (!codes[index]) taken.add(body);
    return call.flatMap(({ entryId }, index) => (codes[index] ? [{ entryId, code: codes[index] }] : []));
  };
  return { sendBatch, taken, broken };
}

const bytesOf = (call: readonly BatchEntry[]) =>
  call.reduce((sum, { body }) => sum + Buffer.byteLength(body) + 'sealStringv1:k1:c2VhbA=='.length, 0);

describe('for any mix of groups, sizes and failures', () => {
  test('nothing is lost, no call breaks a limit, and no call overtakes an earlier one of its group', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, mishaps, fc.integer({ min: 1, max: 3 }), async (shape, stream, attempts) => {
        const entries = entriesOf(shape);
        const nextMishap = () => {
          const { value }: { value?: Mishap } = stream.next();
          return value ?? 'none';
        };
        const queue = treacherousQueue(entries, nextMishap);
        const result = await sendAll(entries, options(queue.sendBatch, { attempts }));

        const unsent = new Set(result.unsent);
        expect(queue.broken).toEqual([]);
        expect(result.sent + result.unsent.length).toBe(entries.length);
        expect(entries.every((entry) => unsent.has(entry) !== queue.taken.has(entry.body))).toBe(true);
        expect(result.codes.length > 0).toBe(result.unsent.length > 0);
      }),
      { numRuns: RUNS },
    );
  });

  test('the queue holds a group in its order when only whole calls fail', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.infiniteStream(fc.boolean()), async (shape, fails) => {
        const entries = entriesOf(shape);
        const queue = fakeQueue();
        const sendBatch: SendBatch = async (call) => {
          await new Promise(setImmediate);
          if (fails.next().value) throw new Error('socket hang up');
          return queue.sendBatch(call);
        };
        await sendAll(entries, options(sendBatch));
        for (const group of Map.groupBy(entries, ({ groupId }) => groupId).values()) {
          const order = bodiesOf(group);
          const arrived = queue.taken.filter((body) => order.includes(body));
          expect(arrived.every((body, index) => body === order[index])).toBe(true);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
