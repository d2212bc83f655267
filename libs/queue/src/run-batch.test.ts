import { describe, expect, test } from '@jest/globals';
import { LONGEST_HELD_SECONDS, MAX_RECEIVE_COUNT } from '@aftercall/schemas';
import fc from 'fast-check';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { memoryFifoQueue } from './memory-fifo-queue.ts';
import { PermanentError } from './permanent-error.ts';
import type { QueueMessage } from './queue-message.ts';
import { runBatch, type RunBatchDeps } from './run-batch.ts';
import { HeldError } from './held-error.ts';
import { sendAll } from './send-all.ts';
import { TransientError } from './transient-error.ts';

const START = new Date('2026-11-20T14:05:00Z').getTime();
const RUNS = 500;

/** Deps that write down what they are asked; `changes` take the place of some. */
function recordedDeps(changes: Partial<RunBatchDeps> = {}) {
  const visibilities: [string, number][] = [];
  const deadLetters: [string, string][] = [];
  const warnings: object[] = [];
  const deps: RunBatchDeps = {
    changeVisibility: async (receiptHandle, seconds) => void visibilities.push([receiptHandle, seconds]),
    deadLetter: async ({ body }, { reason }) => void deadLetters.push([body, reason]),
    remainingMillis: () => 60_000,
    log: { warn: (fields) => void warnings.push(fields) },
    random: () => 0.5,
    backoff: { baseSeconds: 4, maxSeconds: 60 },
    ...changes,
  };
  return { deps, visibilities, deadLetters, warnings };
}

/** A record named by its body; `group:name` on a FIFO queue, a name alone on a standard queue. */
function record(body: string, changes: Partial<SQSRecord['attributes']> = {}): SQSRecord {
  const [group, name] = body.split(':');
  return {
    messageId: `id of ${body}`,
    receiptHandle: body,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(START),
      SenderId: 'sender',
      ApproximateFirstReceiveTimestamp: String(START),
      ...(name === undefined || group === undefined ? {} : { MessageGroupId: group }),
      ...changes,
    },
    messageAttributes: {
      seal: { dataType: 'String', stringValue: `seal of ${body}` },
      count: { dataType: 'Number', stringValue: '7' },
      blob: { dataType: 'Binary', binaryValue: 'AA==' },
    },
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:events.fifo',
    awsRegion: 'eu-west-1',
  };
}

const eventOf = (...bodies: string[]): SQSEvent => ({ Records: bodies.map((body) => record(body)) });

const failures = (...bodies: string[]) => ({
  batchItemFailures: bodies.map((body) => ({ itemIdentifier: `id of ${body}` })),
});

/** A handler that notes what it handles and throws what the test names for a body. */
function handlerThrowing(errors: Readonly<Record<string, unknown>> = {}) {
  const handled: string[] = [];
  const handle = async ({ body }: QueueMessage) => {
    await new Promise(setImmediate);
    if (body in errors) throw errors[body];
    handled.push(body);
  };
  return { handle, handled };
}

describe('a batch', () => {
  test('that is empty asks for nothing', async () => {
    const { deps } = recordedDeps();
    await expect(runBatch({ Records: [] }, handlerThrowing().handle, deps)).resolves.toEqual(failures());
  });

  test('that succeeds is acknowledged by returning nothing', async () => {
    const { deps, visibilities } = recordedDeps();
    const { handle, handled } = handlerThrowing();
    await expect(runBatch(eventOf('a:1', 'b:1', 'a:2'), handle, deps)).resolves.toEqual(failures());
    expect(handled.sort()).toEqual(['a:1', 'a:2', 'b:1']);
    expect(visibilities).toEqual([]);
  });

  test('runs groups side by side and the messages of a group one after the other', async () => {
    const { deps } = recordedDeps();
    const log: string[] = [];
    const handle = async ({ body }: QueueMessage) => {
      log.push(`${body} starts`);
      await new Promise(setImmediate);
      log.push(`${body} ends`);
    };
    await runBatch(eventOf('a:1', 'a:2', 'b:1'), handle, deps);
    expect(log.slice(0, 2)).toEqual(['a:1 starts', 'b:1 starts']);
    expect(log.filter((line) => line.startsWith('a'))).toEqual([
      'a:1 starts',
      'a:1 ends',
      'a:2 starts',
      'a:2 ends',
    ]);
  });

  test('shows its handler the message as it is, with string attributes only', async () => {
    const { deps } = recordedDeps();
    const seen: QueueMessage[] = [];
    const given = record('a:1', { ApproximateReceiveCount: '3' });
    await runBatch({ Records: [given] }, async (message) => void seen.push(message), deps);
    expect(seen).toEqual([
      {
        messageId: 'id of a:1',
        body: 'a:1',
        groupId: 'a',
        seal: 'seal of a:1',
        attributes: { seal: 'seal of a:1' },
        sentAt: new Date(START),
        receiveCount: 3,
        receiptHandle: 'a:1',
      },
    ]);
  });

  test('shows no seal and no group where there is none', async () => {
    const { deps } = recordedDeps();
    const seen: QueueMessage[] = [];
    const given = { ...record('standard'), messageAttributes: {} };
    await runBatch({ Records: [given] }, async (message) => void seen.push(message), deps);
    expect(seen).toMatchObject([{ groupId: undefined, seal: undefined, attributes: {} }]);
  });
});

describe('a message that fails', () => {
  test('backs off, and its followers stay behind it at visibility 0 while other groups go on', async () => {
    const { deps, visibilities } = recordedDeps();
    const { handle, handled } = handlerThrowing({ 'a:2': new Error('downstream') });
    const response = await runBatch(eventOf('a:1', 'b:1', 'a:2', 'a:3', 'b:2', 'a:4'), handle, deps);
    expect(response).toEqual(failures('a:2', 'a:3', 'a:4'));
    expect(visibilities).toEqual([
      ['a:2', 2],
      ['a:3', 0],
      ['a:4', 0],
    ]);
    expect(handled.sort()).toEqual(['a:1', 'b:1', 'b:2']);
  });

  test('is named in the log without its body', async () => {
    const { deps, warnings } = recordedDeps();
    const error = new Error('downstream');
    await runBatch(eventOf('a:1'), handlerThrowing({ 'a:1': error }).handle, deps);
    expect(warnings).toEqual([
      {
        messageId: 'id of a:1',
        group: 'a',
        receiveCount: 1,
        result: 'retry',
        reason: error.name,
        err: error,
      },
    ]);
  });

  test('on a standard queue holds nobody back', async () => {
    const { deps, visibilities } = recordedDeps();
    const { handle, handled } = handlerThrowing({ one: new Error('downstream') });
    await expect(runBatch(eventOf('one', 'two', 'three'), handle, deps)).resolves.toEqual(failures('one'));
    expect(visibilities).toEqual([['one', 2]]);
    expect(handled).toEqual(['two', 'three']);
  });

  test.each([
    [1, 0.999, 4],
    [2, 0.999, 8],
    [3, 0.5, 8],
    [4, 0.999, 32],
    [5, 0.999, 60],
    [1000, 0.999, 60],
    [5, 0, 0],
  ])('at receive %i waits, when chance says %f, %i s', async (receiveCount, chance, seconds) => {
    const { deps, visibilities } = recordedDeps({ random: () => chance });
    const given = record('a:1', { ApproximateReceiveCount: String(receiveCount) });
    await runBatch({ Records: [given] }, handlerThrowing({ 'a:1': new Error('downstream') }).handle, deps);
    expect(visibilities).toEqual([['a:1', seconds]]);
  });

  test.each([
    ['as long as the error says', 17, 17],
    ['whole seconds', 1.2, 2],
    ['not at all when it says so', 0, 0],
    ['no negative time', -5, 0],
    ['no longer than SQS can hide it', 1e9, 42_300],
    ['the computed time when it says nothing usable', Number.NaN, 2],
  ])('waits %s', async (_case, retryAfterSeconds, seconds) => {
    const { deps, visibilities } = recordedDeps();
    const error = new TransientError('throttled', { retryAfterSeconds });
    await runBatch(eventOf('a:1'), handlerThrowing({ 'a:1': error }).handle, deps);
    expect(visibilities).toEqual([['a:1', seconds]]);
  });

  test('fails the same way when what it throws is no error', async () => {
    const { deps } = recordedDeps();
    const handle = handlerThrowing({ 'a:1': 'a string' }).handle;
    await expect(runBatch(eventOf('a:1'), handle, deps)).resolves.toEqual(failures('a:1'));
  });

  test('is returned though its visibility cannot be changed, which is logged', async () => {
    const { deps, warnings } = recordedDeps({
      changeVisibility: () => Promise.reject(new Error('throttled')),
    });
    const handle = handlerThrowing({ 'a:1': new Error('downstream') }).handle;
    await expect(runBatch(eventOf('a:1', 'a:2'), handle, deps)).resolves.toEqual(failures('a:1', 'a:2'));
    expect(warnings).toHaveLength(3);
  });
});

describe('a message that fails for good', () => {
  const conflict = new PermanentError('conflict', 'first digest 1a2b', { attempts: 1 });

  test('is dead-lettered and acknowledged, and its group goes on', async () => {
    const { deps, deadLetters, visibilities } = recordedDeps();
    const { handle, handled } = handlerThrowing({ 'a:1': conflict });
    await expect(runBatch(eventOf('a:1', 'a:2'), handle, deps)).resolves.toEqual(failures());
    expect(deadLetters).toEqual([['a:1', 'conflict']]);
    expect(handled).toEqual(['a:2']);
    expect(visibilities).toEqual([]);
  });

  test('comes again, with its followers, when the dead letter cannot be sent', async () => {
    const { deps, visibilities, warnings } = recordedDeps({
      deadLetter: () => Promise.reject(new Error('no queue')),
    });
    const { handle, handled } = handlerThrowing({ 'a:1': conflict });
    await expect(runBatch(eventOf('a:1', 'a:2'), handle, deps)).resolves.toEqual(failures('a:1', 'a:2'));
    expect(visibilities).toEqual([
      ['a:1', 2],
      ['a:2', 0],
    ]);
    expect(handled).toEqual([]);
    expect(warnings).toMatchObject([{ messageId: 'id of a:1', reason: 'conflict' }]);
  });
});

describe('an invocation that runs out of time', () => {
  test('starts nothing in its last three seconds and gives the rest back at visibility 0', async () => {
    let remaining = 4_000;
    const { deps, visibilities, warnings } = recordedDeps({ remainingMillis: () => (remaining -= 500) });
    const { handle, handled } = handlerThrowing();
    await expect(runBatch(eventOf('a:1', 'a:2', 'a:3', 'a:4'), handle, deps)).resolves.toEqual(
      failures('a:3', 'a:4'),
    );
    expect(handled).toEqual(['a:1', 'a:2']);
    expect(visibilities).toEqual([
      ['a:3', 0],
      ['a:4', 0],
    ]);
    expect(warnings).toEqual([]);
  });
});

/** A queue with messages named `group:index`, a clock, and deps that work on that queue. */
async function queueWith(lengths: Readonly<Record<string, number>>, changes: Partial<RunBatchDeps> = {}) {
  const clock = { seconds: 0 };
  const queue = memoryFifoQueue({ now: () => new Date(START + clock.seconds * 1000), visibilitySeconds: 30 });
  const bodies = Object.entries(lengths).flatMap(([group, length]) =>
    Array.from({ length }, (_, index) => `${group}:${index}`),
  );
  await sendAll(
    bodies.map((body) => ({
      body,
      groupId: body.split(':')[0] ?? '',
      deduplicationId: body,
      attributes: {},
    })),
    { sendBatch: queue.sendBatch, attempts: 1, concurrency: 1 },
  );
  const recorded = recordedDeps({ changeVisibility: queue.changeVisibility, ...changes });

  /** Polls until nothing comes any more at this time. */
  const pollOut = async (handle: (message: QueueMessage) => Promise<void>) => {
    while ((await queue.poll((event) => runBatch(event, handle, recorded.deps))) > 0);
  };
  return { queue, clock, pollOut, bodies, ...recorded };
}

describe('on a FIFO queue', () => {
  test('order is kept, and the failed head comes again after its back-off with its followers behind it', async () => {
    const { clock, pollOut, queue } = await queueWith({ a: 12 });
    const handled: [string, number][] = [];
    let isDown = true;
    const handle = async ({ body }: QueueMessage) => {
      if (body === 'a:4' && isDown) throw new TransientError('down', { retryAfterSeconds: 5 });
      handled.push([body, clock.seconds]);
    };
    await pollOut(handle);
    clock.seconds = 4;
    isDown = false;
    await pollOut(handle);
    expect(handled.map(([body]) => body)).toEqual(['a:0', 'a:1', 'a:2', 'a:3']);

    clock.seconds = 5;
    await pollOut(handle);
    expect(handled).toEqual(Array.from({ length: 12 }, (_, index) => [`a:${index}`, index < 4 ? 0 : 5]));
    expect(queue.messages()).toEqual([]);
  });

  test('a conversation that keeps failing delays no other conversation', async () => {
    const { pollOut, queue, bodies } = await queueWith({ a: 5, poison: 15, b: 5, c: 15 });
    const handled: string[] = [];
    await pollOut(async ({ body, groupId }) => {
      if (groupId === 'poison') throw new Error('cannot');
      handled.push(body);
    });
    expect(handled.sort()).toEqual(bodies.filter((body) => !body.startsWith('poison')).sort());
    expect(queue.messages().map(({ groupId }) => groupId)).toEqual(
      Array.from({ length: 15 }, () => 'poison'),
    );
  });

  test('a message that fails for good lets its conversation go on at once', async () => {
    const { pollOut, queue, deadLetters } = await queueWith({ a: 4 });
    const handled: string[] = [];
    await pollOut(async ({ body }) => {
      if (body === 'a:1') throw new PermanentError('bad-schema');
      handled.push(body);
    });
    expect(deadLetters).toEqual([['a:1', 'bad-schema']]);
    expect(handled).toEqual(['a:0', 'a:2', 'a:3']);
    expect(queue.messages()).toEqual([]);
  });

  test('whatever fails how often, every message is handled or dead-lettered, once and in the order of its group', async () => {
    const lengths = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 14 }));
    const mishaps = fc.infiniteStream(
      fc.constantFrom('none', 'none', 'none', 'fails', 'for good', 'visibility fails', 'time is up'),
    );
    await fc.assert(
      fc.asyncProperty(lengths, mishaps, async (groups, stream) => {
        const next = () => {
          const { value }: { value?: string } = stream.next();
          return value;
        };
        const settled: string[] = [];
        const world = await queueWith(groups, {
          remainingMillis: () => (next() === 'time is up' ? 0 : 60_000),
          deadLetter: async ({ body }) => {
            if (next() === 'fails') throw new Error('no queue');
            settled.push(body);
          },
        });
        const changeVisibility: RunBatchDeps['changeVisibility'] = async (handle, seconds) => {
          if (next() === 'visibility fails') throw new Error('throttled');
          await world.queue.changeVisibility(handle, seconds);
        };
        const handle = async ({ body }: QueueMessage) => {
          const mishap = next();
          if (mishap === 'fails') throw new Error('downstream');
          if (mishap === 'for good') throw new PermanentError('bad-schema');
          settled.push(body);
        };
        while (world.queue.messages().length > 0) {
          await world.queue.poll((event) => runBatch(event, handle, { ...world.deps, changeVisibility }));
          world.clock.seconds += 5;
        }
        for (const [group, length] of Object.entries(groups)) {
          const order = Array.from({ length }, (_, index) => `${group}:${index}`);
          expect(settled.filter((body) => body.startsWith(`${group}:`))).toEqual(order);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

/** Groups in front of an open circuit, with an archive that notes what it takes. */
function holdingWorld(maxHeldSeconds: number) {
  const archived: string[] = [];
  const held: number[] = [];
  const clock = { seconds: 0 };
  const world = { isOpen: true, archiveFails: false, archived, held, clock };
  const holding: NonNullable<RunBatchDeps['holding']> = {
    maxHeldSeconds,
    archive: async ({ body }) => {
      if (world.archiveFails) throw new Error('no archive');
      archived.push(body);
    },
    onHeld: (_error, messages) => void held.push(messages),
    now: () => new Date(START + clock.seconds * 1000),
  };
  const handled: string[] = [];
  const handle = async ({ body }: QueueMessage) => {
    if (world.isOpen) throw new HeldError('events', { since: new Date(START), atMostSeconds: 3 });
    handled.push(body);
  };
  return { ...recordedDeps({ holding }), world, handle, handled };
}

describe('a message that is held', () => {
  test('comes again with its followers behind it, no later than the next probe, and warns of nothing', async () => {
    const { deps, handle, world, visibilities, warnings } = holdingWorld(7_200);
    const given = { Records: [record('a:1', { ApproximateReceiveCount: '9' }), record('a:2')] };
    await expect(runBatch(given, handle, deps)).resolves.toEqual(failures('a:1', 'a:2'));
    expect(visibilities).toEqual([
      ['a:1', 3],
      ['a:2', 0],
    ]);
    expect(world.held).toEqual([2]);
    expect(world.archived).toEqual([]);
    expect(warnings).toEqual([]);
  });

  test.each([
    [7_199, 7_200, false],
    [7_200, 7_200, true],
    [0, 0, true],
  ])('after %i s of at most %i s goes to the archive: %s', async (seconds, maxHeldSeconds, isArchived) => {
    const { deps, handle, world, deadLetters } = holdingWorld(maxHeldSeconds);
    world.clock.seconds = seconds;
    const response = await runBatch(eventOf('a:1'), handle, deps);
    expect(world.archived).toEqual(isArchived ? ['a:1'] : []);
    expect(response).toEqual(isArchived ? failures() : failures('a:1'));
    expect(deadLetters).toEqual([]);
  });

  test('takes the younger messages behind it into the archive, in their order', async () => {
    const { deps, handle, world } = holdingWorld(60);
    world.clock.seconds = 60;
    const young = record('a:2', { SentTimestamp: String(START + 59_000) });
    const other = record('b:1', { SentTimestamp: String(START + 59_000) });
    const response = await runBatch({ Records: [record('a:1'), young, other] }, handle, deps);
    expect(world.archived).toEqual(['a:1', 'a:2']);
    expect(response).toEqual(failures('b:1'));
  });

  test('stays held, and is not acknowledged, when the archive cannot take it', async () => {
    const { deps, handle, world, warnings } = holdingWorld(0);
    world.archiveFails = true;
    await expect(runBatch(eventOf('a:1', 'a:2'), handle, deps)).resolves.toEqual(failures('a:1', 'a:2'));
    expect(warnings).toHaveLength(1);
  });

  test('is received less often in the longest hold than a queue allows, whatever chance says', async () => {
    const { deps, handle, world, visibilities } = holdingWorld(LONGEST_HELD_SECONDS);
    let receives = 0;
    for (; world.archived.length === 0; receives += 1) {
      await runBatch(eventOf('a:1'), handle, { ...deps, random: () => 0 });
      world.clock.seconds += visibilities.at(-1)?.[1] ?? 0;
    }
    expect(receives).toBeLessThan(0.8 * MAX_RECEIVE_COUNT);
  });

  test.each([
    [600, 60],
    [7_200, 720],
    [86_400, 900],
  ])('for %i s is back within %i s of the end of the outage', async (seconds, within) => {
    const { deps, handle, world, visibilities } = holdingWorld(LONGEST_HELD_SECONDS);
    world.clock.seconds = seconds;
    await runBatch(eventOf('a:1'), handle, { ...deps, random: () => 1 });
    expect(visibilities).toEqual([['a:1', within]]);
  });

  test('is there when it is due for the archive', async () => {
    const { deps, handle, world, visibilities } = holdingWorld(7_200);
    world.clock.seconds = 7_000;
    await runBatch(eventOf('a:1'), handle, deps);
    expect(visibilities).toEqual([['a:1', 200]]);
  });

  test('is handled once the circuit has closed', async () => {
    const { deps, handle, handled, world } = holdingWorld(7_200);
    await runBatch(eventOf('a:1', 'a:2'), handle, deps);
    world.isOpen = false;
    await expect(runBatch(eventOf('a:1', 'a:2'), handle, deps)).resolves.toEqual(failures());
    expect(handled).toEqual(['a:1', 'a:2']);
  });
});
