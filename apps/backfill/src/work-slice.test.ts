import { describe, expect, test } from '@jest/globals';
import { GenesysAnswerError, GenesysRefusedError, GenesysUnavailableError } from '@aftercall/genesys';
import { TokenRefusedError } from '@aftercall/oauth';
import { totalOf } from './backfill-run.ts';
import { memoryStage, type MemoryStage, MIDNIGHT, someConversation, someRequest } from './memory-stage.ts';
import type { IntervalRequest } from './read-request.ts';
import { type Slice, workSlice } from './work-slice.ts';

const DAY_MILLIS = 86_400_000;
const unavailable = (status: number, retryAfterSeconds?: number) =>
  new GenesysUnavailableError({ operation: 'conversationMetrics', status }, 'failed', retryAfterSeconds);

/** As the queue does: again after each pause, each time in a new invocation. */
async function workToTheEnd(stage: MemoryStage, request: IntervalRequest = someRequest()): Promise<Slice[]> {
  const slices: Slice[] = [];
  for (let count = 0; count < 200; count += 1) {
    const slice = await workSlice(request, stage.deps());
    slices.push(slice);
    if (slice.outcome === 'done') return slices;
    const seconds = slice.outcome === 'held' ? slice.seconds : slice.pause.seconds;
    stage.clock.nowMillis += seconds * 1000;
  }
  throw new Error('the run does not end');
}

const ids = (stage: MemoryStage) => [...new Set(stage.sent.map(({ subject }) => subject))];
const day = (stage: MemoryStage) => stage.runs.completeness.get('backfill 2026-11-20');

test('conversations without an outcome get one event each, the others none', async () => {
  const stage = memoryStage(250);
  for (let number = 0; number < 240; number += 1) stage.withOutcome.add(`c-${number}`);
  stage.tenant.metrics.set('c-245', null);
  await workToTheEnd(stage);
  expect(stage.sent.map(({ subject }) => subject)).toEqual([
    'c-240',
    'c-241',
    'c-242',
    'c-243',
    'c-244',
    'c-246',
    'c-247',
    'c-248',
    'c-249',
  ]);
  expect(day(stage)).toMatchObject({
    percent: 99.6,
    isProvisional: false,
    counts: { seen: 250, withOutcome: 240, sent: 9, withoutMetrics: 1, failed: 0 },
  });
  const [key = ''] = day(stage)?.missingPages ?? [];
  expect(stage.runs.missingPages.get(key)?.missing).toEqual([
    { conversationId: 'c-245', reason: 'without-metrics' },
  ]);
  expect(stage.calls.filter((name) => name === 'conversationMetrics')).toHaveLength(10);
});

test('a second run sends nothing for what has arrived, and the same event for what has not', async () => {
  const stage = memoryStage(12);
  await workToTheEnd(stage);
  const [arrived, ...waiting] = stage.sent.map(({ id }) => id);
  stage.withOutcome.add('c-1');
  stage.knownEvents.add(arrived ?? '');
  await workToTheEnd(stage, someRequest({ request: 'r-2' }));
  expect(stage.sent.slice(12).map(({ id }) => id)).toEqual(waiting.slice(1));
  expect(new Set(stage.sent.map(({ id, digest }) => `${id} ${digest}`)).size).toBe(12);
  expect(day(stage)?.counts).toMatchObject({ seen: 12, withOutcome: 2, sent: 10 });
});

test('a conversation counts on the day on which it ended', async () => {
  const stage = memoryStage(0);
  const at = (number: number, startMillis: number, endMillis: number | undefined) =>
    someConversation(number, {
      startedAt: new Date(startMillis),
      endedAt: endMillis === undefined ? undefined : new Date(endMillis),
    });
  const next = MIDNIGHT + DAY_MILLIS;
  stage.tenant.conversations = [
    at(1, MIDNIGHT - 60_000, MIDNIGHT - 1),
    at(2, MIDNIGHT - 60_000, MIDNIGHT),
    at(3, next - 60_000, next - 1),
    at(4, next - 60_000, next),
    at(5, next - 60_000, undefined),
  ];
  await workToTheEnd(stage);
  expect(ids(stage)).toEqual(['c-2', 'c-3']);
});

test('an interval of several days is one window a day, and parts of a day have no completeness', async () => {
  const stage = memoryStage(10);
  const request = someRequest({ from: '2026-11-18T12:00:00.000Z', to: '2026-11-21T06:00:00.000Z' });
  const slice = (await workToTheEnd(stage, request)).at(-1);
  expect([...stage.runs.completeness.keys()]).toEqual(['backfill 2026-11-19', 'backfill 2026-11-20']);
  expect(stage.runs.completeness.get('backfill 2026-11-19')).toMatchObject({ percent: 100 });
  expect(stage.days).toHaveLength(2);
  expect(slice?.outcome === 'done' && totalOf(slice.run)).toMatchObject({ seen: 10, sent: 10 });
});

describe('the data lake', () => {
  test('that has not come so far is waited for by a daily run', async () => {
    const stage = memoryStage(3);
    stage.tenant.availableUntil = new Date(MIDNIGHT + DAY_MILLIS - 1);
    const request = someRequest({ early: 'wait' });
    expect(await workSlice(request, stage.deps())).toMatchObject({
      outcome: 'paused',
      pause: { why: 'early', seconds: 900 },
    });
    expect(stage.calls).not.toContain('createDetailsJob');
    stage.tenant.availableUntil = new Date(MIDNIGHT + DAY_MILLIS);
    await workToTheEnd(stage, request);
    expect(day(stage)).toMatchObject({ isProvisional: false, counts: { seen: 3 } });
  });

  test('is waited for half a day and no longer', async () => {
    const stage = memoryStage(3);
    stage.tenant.availableUntil = new Date(MIDNIGHT);
    const slices = await workToTheEnd(stage, someRequest({ early: 'wait' }));
    expect(slices.length).toBeGreaterThan(40);
    expect(slices.length).toBeLessThan(60);
    expect(day(stage)).toMatchObject({ isProvisional: true });
  });

  test('is not waited for when somebody asked for an interval, and the result says so', async () => {
    const stage = memoryStage(3);
    stage.tenant.availableUntil = new Date(MIDNIGHT);
    await workToTheEnd(stage);
    expect(day(stage)).toMatchObject({ isProvisional: true, counts: { sent: 3 } });
  });
});

test('the query is asked page by page, a day more, and what it says is provisional', async () => {
  const stage = memoryStage(150);
  const asked: string[] = [];
  stage.tenant.onCall = (operation, what) => operation === 'queryDetails' && void asked.push(what);
  await workToTheEnd(stage, someRequest({ by: 'query' }));
  expect(asked).toEqual([
    '2026-11-19T00:00:00.000Z/2026-11-21T00:00:00.000Z 1',
    '2026-11-19T00:00:00.000Z/2026-11-21T00:00:00.000Z 2',
  ]);
  expect(stage.calls).not.toContain('createDetailsJob');
  expect(stage.calls).not.toContain('detailsAvailableUntil');
  expect(day(stage)).toMatchObject({ isProvisional: true, counts: { sent: 150 } });
});

describe('a job', () => {
  const state = (name: 'QUEUED' | 'PENDING' | 'FAILED' | 'EXPIRED' | 'CANCELLED') => ({
    state: name,
    errorMessage: name === 'FAILED' ? 'The query ran out of resources.' : undefined,
  });

  test('that is not ready is waited for by the queue', async () => {
    const stage = memoryStage(3);
    stage.tenant.jobStates.push(state('QUEUED'), state('PENDING'));
    const slices = await workToTheEnd(stage);
    expect(slices.map((one) => one.outcome)).toEqual(['paused', 'paused', 'done']);
    expect(stage.calls.filter((name) => name === 'createDetailsJob')).toHaveLength(1);
  });

  test.each(['FAILED', 'EXPIRED', 'CANCELLED'] as const)('that ended as %s is made anew', async (name) => {
    const stage = memoryStage(3);
    stage.tenant.jobStates.push(state(name), undefined);
    await workToTheEnd(stage);
    expect(stage.calls.filter((call) => call === 'createDetailsJob')).toHaveLength(3);
    expect(ids(stage)).toHaveLength(3);
  });

  test('after job that fails ends the run, which can be taken up again', async () => {
    const stage = memoryStage(3);
    stage.tenant.jobStates.push(state('FAILED'), state('FAILED'), state('FAILED'));
    await expect(workToTheEnd(stage)).rejects.toMatchObject({
      name: 'PermanentError',
      reason: 'effect-refused',
      detail: expect.stringContaining('FAILED (The query ran out of resources.)'),
    });
    expect(stage.runs.runs.get('r-1')).toMatchObject({ status: 'FAILED', leaseUntil: 0 });
    await workToTheEnd(stage);
    expect(ids(stage)).toHaveLength(3);
  });

  test('that never ends is given up after hours', async () => {
    const stage = memoryStage(3);
    stage.tenant.jobStates.push(state('PENDING'));
    expect((await workSlice(someRequest(), stage.deps())).outcome).toBe('paused');
    stage.clock.nowMillis += 7 * 3_600_000;
    stage.tenant.jobStates.push(state('PENDING'));
    await workToTheEnd(stage);
    expect(stage.calls.filter((name) => name === 'createDetailsJob')).toHaveLength(2);
  });

  test('that expires between two pages is made anew, and nothing is counted twice', async () => {
    const stage = memoryStage(250);
    let isGone = false;
    stage.tenant.onCall = (operation, what) => {
      if (operation !== 'detailsJobResults' || what !== '200' || isGone) return;
      isGone = true;
      throw new GenesysRefusedError({ operation, status: 404 }, 'is not there');
    };
    await workToTheEnd(stage);
    expect(ids(stage)).toHaveLength(250);
    expect(day(stage)?.counts).toMatchObject({ seen: 250, sent: 250 });
  });

  test.each([1, 2, 3, 7])(
    'whose cursors lead in a circle of %i is made anew once, then given up',
    async (length) => {
      const stage = memoryStage(5_000);
      for (const { conversationId } of stage.tenant.conversations) stage.withOutcome.add(conversationId);
      stage.tenant.nextCursor = (cursor) => String(((Number(cursor ?? 0) / 100 + 1) % length) * 100);
      // The client itself refuses a cursor that leads to its own page.
      stage.tenant.onCall = (operation) => {
        if (length === 1 && operation === 'detailsJobResults')
          throw new GenesysAnswerError({ operation }, 'was answered with the cursor that was asked for');
      };
      await expect(workToTheEnd(stage)).rejects.toMatchObject({ reason: 'effect-refused' });
      expect(stage.calls.filter((name) => name === 'createDetailsJob')).toHaveLength(2);
    },
  );
});

describe('an invocation', () => {
  test('that is short of time stops, saves, and the next goes on where it was', async () => {
    const stage = memoryStage(35);
    stage.clock.remainingMillis = 14_000;
    const slices = await workToTheEnd(stage);
    expect(slices.length).toBeGreaterThan(3);
    expect(slices[0]).toMatchObject({ outcome: 'paused', pause: { why: 'out-of-time', seconds: 0 } });
    expect(stage.sent).toHaveLength(35);
    expect(stage.calls.filter((name) => name === 'conversationMetrics')).toHaveLength(35);
  });

  test('finds a run that another works on held, until the lease is past', async () => {
    const stage = memoryStage(3);
    stage.crash = { call: 3, when: 'before' };
    await expect(workSlice(someRequest(), stage.deps())).rejects.toThrow();
    stage.crash = undefined;
    expect(await workSlice(someRequest(), stage.deps())).toEqual({ outcome: 'held', seconds: 610 });
    stage.clock.nowMillis += 610_000;
    expect((await workSlice(someRequest(), stage.deps())).outcome).toBe('done');
  });

  test('that has lost its run to another stops before it counts anything', async () => {
    const stage = memoryStage(3);
    stage.tenant.onCall = (operation) => {
      const run = stage.runs.runs.get('r-1');
      if (operation === 'conversationMetrics' && run !== undefined)
        void stage.runs.write({ ...run, owner: 'another' });
    };
    await expect(workSlice(someRequest(), stage.deps())).rejects.toMatchObject({ name: 'RunLostError' });
    expect(stage.runs.runs.get('r-1')).toMatchObject({ owner: 'another', window: { offset: 0 } });
  });

  test('for a run that is done does nothing', async () => {
    const stage = memoryStage(3);
    await workToTheEnd(stage);
    stage.calls.length = 0;
    expect((await workSlice(someRequest(), stage.deps())).outcome).toBe('done');
    expect(stage.calls).toEqual(['readRun']);
  });
});

describe('Genesys Cloud', () => {
  test('that wants a pause gets it, and no call is made twice', async () => {
    const stage = memoryStage(25);
    let left = 14;
    stage.tenant.onCall = (operation) => {
      if (operation !== 'conversationMetrics') return;
      left -= 1;
      if (left < 0) throw unavailable(429, 37);
    };
    expect(await workSlice(someRequest(), stage.deps())).toMatchObject({
      outcome: 'paused',
      pause: { why: 'rate-limit', seconds: 37 },
    });
    expect(stage.sent).toHaveLength(14);
    stage.tenant.onCall = () => undefined;
    await workToTheEnd(stage);
    expect(stage.sent).toHaveLength(25);
  });

  test.each([
    ['fails', unavailable(503)],
    ['refuses', new GenesysRefusedError({ operation: 'conversationMetrics', status: 403 }, 'is not allowed')],
    ['gives no token', new TokenRefusedError('invalid-client', 'the secret is wrong')],
  ])('that %s ends the slice with its error, the lease given back', async (_case, error) => {
    const stage = memoryStage(3);
    stage.tenant.onCall = (operation) => {
      if (operation === 'conversationMetrics') throw error;
    };
    await expect(workSlice(someRequest(), stage.deps())).rejects.toBe(error);
    expect(stage.runs.runs.get('r-1')).toMatchObject({ status: 'RUNNING', leaseUntil: 0 });
  });

  test('that answers for one conversation what cannot be read does not stop the others', async () => {
    const stage = memoryStage(5);
    stage.tenant.onCall = (operation, what) => {
      if (operation !== 'conversationMetrics') return;
      if (what === 'c-1') throw new GenesysAnswerError({ operation }, 'was answered with something else');
      if (what === 'c-2') throw new GenesysRefusedError({ operation, status: 400 }, 'was refused');
    };
    stage.tenant.metrics.set('c-3', {
      conversationId: 'of somebody else',
      sentimentScore: 1,
      sentimentTrend: undefined,
      sentimentTrendClass: undefined,
      empathyScores: [],
    });
    await workToTheEnd(stage);
    expect(ids(stage)).toEqual(['c-0', 'c-4']);
    expect(day(stage)).toMatchObject({ percent: 40, counts: { seen: 5, sent: 2, failed: 3 } });
  });

  test('that fails at one conversation for ever is left behind after many tries', async () => {
    const stage = memoryStage(3);
    stage.tenant.onCall = (operation, what) => {
      if (operation === 'conversationMetrics' && what === 'c-1') throw unavailable(500);
    };
    let failures = 0;
    for (let ended = false; !ended && failures < 50; ) {
      ended = await workSlice(someRequest(), stage.deps()).then(
        ({ outcome }) => outcome === 'done',
        () => ((failures += 1), false),
      );
    }
    // The first brought the conversation before it forward; after it, twelve that brought nothing.
    expect(failures).toBe(13);
    expect(ids(stage)).toEqual(['c-0', 'c-2']);
    expect(day(stage)?.counts).toMatchObject({ failed: 1 });
  });

  test('that answers how far it is in a form we do not know ends the run', async () => {
    const stage = memoryStage(3);
    stage.tenant.onCall = (operation) => {
      if (operation === 'detailsAvailableUntil')
        throw new GenesysAnswerError({ operation: 'detailsAvailability' }, 'x');
    };
    await expect(workSlice(someRequest(), stage.deps())).rejects.toMatchObject({ reason: 'effect-refused' });
    expect(stage.runs.runs.get('r-1')?.status).toBe('FAILED');
  });
});

test('what is missing is listed in pages, at most 10,000 of it', async () => {
  const stage = memoryStage(1_000);
  for (const { conversationId } of stage.tenant.conversations) stage.tenant.metrics.set(conversationId, null);
  await workToTheEnd(stage);
  const pages = day(stage)?.missingPages ?? [];
  const listed = pages.flatMap((key) => stage.runs.missingPages.get(key)?.missing ?? []);
  expect(pages).toHaveLength(5);
  expect(new Set(listed.map(({ conversationId }) => conversationId)).size).toBe(1_000);
  expect(day(stage)).toMatchObject({ percent: 0, counts: { withoutMetrics: 1_000, sent: 0 } });
});

test('a crash before or after any call to the outside changes nothing in the end', async () => {
  const small = () => {
    const stage = memoryStage(115);
    stage.withOutcome.add('c-3');
    stage.tenant.metrics.set('c-7', null);
    stage.tenant.metrics.set('c-110', null);
    return stage;
  };
  const result = (stage: MemoryStage) => ({
    events: [...new Set(stage.sent.map(({ id }) => id))].sort(),
    completeness: day(stage)?.counts,
    missing: day(stage)?.missingPages.map((key) => stage.runs.missingPages.get(key)?.missing),
    status: stage.runs.runs.get('r-1')?.status,
  });
  const smooth = small();
  await workToTheEnd(smooth);
  const expected = result(smooth);
  expect(expected).toMatchObject({ completeness: { seen: 115, sent: 112 }, status: 'DONE' });
  for (let call = 1; call <= smooth.calls.length; call += 1) {
    for (const when of ['before', 'after'] as const) {
      const stage = small();
      stage.crash = { call, when };
      await expect(workToTheEnd(stage)).rejects.toThrow();
      stage.crash = undefined;
      await workToTheEnd(stage);
      expect({ call, when, ...result(stage) }).toEqual({ call, when, ...expected });
    }
  }
}, 120_000);
