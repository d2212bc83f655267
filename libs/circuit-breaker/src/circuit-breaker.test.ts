import { describe, expect, test } from '@jest/globals';
import { HeldError, isUnavailable } from '@aftercall/queue';
import { type CircuitChange, createCircuitBreaker, memoryCircuitsStore } from './index.ts';

const START = Date.parse('2026-11-20T14:00:00Z');
const outage = Object.assign(new Error('throttled'), { name: 'ThrottlingException' });

/** Containers over one document and one clock. */
function setUp(text?: string) {
  const clock = { millis: START };
  const store = memoryCircuitsStore(text);
  const warnings: string[] = [];
  const container = () => {
    const bus = { isDown: false, calls: 0 };
    const changes: CircuitChange[] = [];
    const breaker = createCircuitBreaker({
      function: 'processor',
      store,
      isUnavailable,
      onChange: (change) => void changes.push(change),
      log: { warn: (_fields, message) => void warnings.push(message) },
      now: () => new Date(clock.millis),
      random: () => 0.5,
    });
    const publish = breaker.watch('events', async () => {
      bus.calls += 1;
      if (bus.isDown) throw outage;
    });
    const work = () => breaker.through(['dynamodb', 'events'], publish);
    return { breaker, bus, changes, work };
  };
  return { clock, store, warnings, container };
}
type Container = ReturnType<ReturnType<typeof setUp>['container']>;

async function breakBus({ bus, work }: Container): Promise<void> {
  bus.isDown = true;
  for (let failure = 0; failure < 5; failure += 1) await expect(work()).rejects.toBe(outage);
}

const opening = (mode: string, at = START) =>
  JSON.stringify({
    circuits: {
      events: { openedAt: new Date(at).toISOString(), openedBy: 'ops', mode, reason: 'maintenance' },
    },
  });

test('after five failures work is held before it begins, and what is held knows since when', async () => {
  const { container, clock } = setUp();
  const one = container();
  await breakBus(one);
  clock.millis += 1_000;
  await expect(one.work()).rejects.toMatchObject({
    name: 'HeldError',
    downstream: 'events',
    since: new Date(START),
    atMostSeconds: 2.75,
  });
  expect(one.bus.calls).toBe(5);
  expect(one.changes).toEqual([{ downstream: 'events', state: 'open', failureRate: 1 }]);
});

test('work that needs other downstreams goes on', async () => {
  const { container } = setUp();
  const one = container();
  await breakBus(one);
  await expect(one.breaker.through(['dynamodb'], async () => 'done')).resolves.toBe('done');
});

test('an error that says nothing about the downstream is no failure of its', async () => {
  const { breaker } = setUp().container();
  const refused = breaker.watch('events', () => Promise.reject(new Error('conditional check failed')));
  for (let call = 0; call < 30; call += 1) await expect(refused()).rejects.toThrow('conditional');
  await expect(breaker.through(['events'], async () => 'done')).resolves.toBe('done');
});

test('a value may speak of an outage, and a call that was called off speaks of nothing', async () => {
  const { breaker } = setUp().container();
  const half = breaker.watch(
    'events',
    async () => 'half',
    (value) => value === 'half',
  );
  const abort = Object.assign(new Error('off'), { name: 'AbortError' });
  const off = breaker.watch('events', () => Promise.reject(abort));
  for (let call = 0; call < 5; call += 1) {
    await expect(off()).rejects.toThrow('off');
    await expect(breaker.through(['events'], half)).resolves.toBe('half');
  }
  await expect(breaker.through(['events'], half)).rejects.toThrow(HeldError);
});

test('what was read before the own opening does not close it', async () => {
  const memory = memoryCircuitsStore();
  const late = Promise.withResolvers<string>();
  let reads = 0;
  const breaker = createCircuitBreaker({
    function: 'processor',
    store: { ...memory, read: () => ((reads += 1) === 1 ? late.promise : memory.read()) },
    isUnavailable,
    onChange: () => undefined,
    log: { warn: () => undefined },
    now: () => new Date(START),
    random: () => 0.5,
  });
  const publish = breaker.watch('events', () => Promise.reject(outage));
  const work = breaker.through(['events'], async () => 'done');
  for (let failure = 0; failure < 5; failure += 1) await expect(publish()).rejects.toBe(outage);
  late.resolve('{"circuits":{}}');
  await expect(work).rejects.toThrow(HeldError);
});

describe('half-open', () => {
  test('one probe goes, and its success closes the circuit for all', async () => {
    const { container, clock, store } = setUp();
    const [one, other] = [container(), container()];
    await breakBus(one);
    await expect(other.work()).rejects.toThrow(HeldError);
    one.bus.isDown = false;
    clock.millis += 5_000;
    const results = await Promise.allSettled([one.work(), one.work(), one.work()]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(one.changes.at(-1)).toMatchObject({ state: 'closed' });
    expect(store.text).toBe('{"circuits":{}}');
    clock.millis += 15_000;
    await other.work();
    expect(other.bus.calls).toBe(1);
  });

  test('a probe that never got to its downstream leaves the place to the next', async () => {
    const { container, clock } = setUp();
    const one = container();
    await breakBus(one);
    one.bus.isDown = false;
    clock.millis += 5_000;
    await one.breaker.through(['events'], async () => 'a duplicate');
    await expect(one.work()).resolves.toBeUndefined();
  });
});

describe('the document', () => {
  test('is read at most once in fifteen seconds', async () => {
    const { container, store, clock } = setUp();
    const one = container();
    for (let second = 0; second < 30; second += 1) {
      await one.work();
      clock.millis += 1_000;
    }
    expect(store.reads).toBe(2);
  });

  test('opens the circuits of containers that saw no failure', async () => {
    const { container } = setUp(opening('automatic'));
    await expect(container().work()).rejects.toThrow(HeldError);
  });

  test('opened by hand holds for as long as it says so, and no probe or success changes it', async () => {
    const { container, clock, store } = setUp(opening('manual'));
    const one = container();
    for (let hour = 0; hour < 5; hour += 1) {
      await expect(one.work()).rejects.toThrow(HeldError);
      clock.millis += 3_600_000;
    }
    expect(one.bus.calls).toBe(0);
    store.text = '{"circuits":{}}';
    await expect(one.work()).resolves.toBeUndefined();
  });

  test('that cannot be reached leaves the last that is known, and circuits work without it', async () => {
    const { container, clock, store } = setUp(opening('manual'));
    const [one, other] = [container(), container()];
    await expect(one.work()).rejects.toThrow(HeldError);
    store.isDown = true;
    clock.millis += 3_600_000;
    await expect(one.work()).rejects.toThrow(HeldError);
    await breakBus(other);
    await expect(other.work()).rejects.toThrow(HeldError);
  });

  test('that could not be told of a closing does not open the circuit again', async () => {
    const { container, clock, store } = setUp();
    const one = container();
    await breakBus(one);
    one.bus.isDown = false;
    store.isDown = true;
    clock.millis += 20_000;
    await one.work();
    store.isDown = false;
    clock.millis += 20_000;
    await expect(one.work()).resolves.toBeUndefined();
  });

  test.each([
    '',
    'nonsense',
    'null',
    '{}',
    '{"circuits":{"events":1}}',
    '{"circuits":{"events":{"mode":"open"}}}',
  ])('with %j in it is named, shares nothing, and is written anew by the next opening', async (garbage) => {
    const { container, store, warnings } = setUp(garbage);
    const one = container();
    await one.work();
    expect(warnings).toEqual(['the circuits’ parameter cannot be read: nothing is shared']);
    await breakBus(one);
    expect(JSON.parse(store.text ?? '')).toMatchObject({ circuits: { events: { mode: 'automatic' } } });
  });

  test('keeps what it says of other downstreams', async () => {
    const { container, store } = setUp(opening('manual').replace('"events"', '"s3"'));
    await breakBus(container());
    expect(Object.keys(JSON.parse(store.text ?? '').circuits)).toEqual(['s3', 'events']);
  });

  test('opened by hand is not written over by a container that learns of the outage by itself', async () => {
    const { container, store } = setUp();
    const one = container();
    await one.work();
    store.text = opening('manual');
    await breakBus(one);
    expect(store.text).toBe(opening('manual'));
  });
});
