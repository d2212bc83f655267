import { afterEach, describe, expect, test } from '@jest/globals';
import { startEnvironment } from './execution-environment.ts';
import { fixtureBundle } from './fixture-function.ts';
import { createFunctionPool } from './function-pool.ts';
import type { FunctionPool } from './function-pool.ts';

const pools: FunctionPool[] = [];
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.stop())));

interface Fixture {
  readonly body: string;
  readonly top?: string;
  readonly reservedConcurrency?: number;
  readonly timeoutSeconds?: number;
  readonly memoryMegabytes?: number;
  readonly variables?: Record<string, string>;
}

function pool(fixture: Fixture): { pool: FunctionPool; output: string[] } {
  const output: string[] = [];
  const bundle = fixtureBundle(fixture.body, fixture.top);
  const made = createFunctionPool({
    reservedConcurrency: fixture.reservedConcurrency,
    newRequestId: () => 'request-1',
    startEnvironment: () =>
      startEnvironment({
        bundle,
        exportName: 'handler',
        functionName: 'aftercall-local-fixture',
        memoryMegabytes: fixture.memoryMegabytes ?? 128,
        timeoutSeconds: fixture.timeoutSeconds ?? 3,
        variables: fixture.variables ?? {},
        onOutput: (text) => output.push(text),
      }),
  });
  pools.push(made);
  return { pool: made, output };
}

const returned = async (made: FunctionPool, event: unknown = {}): Promise<unknown> => {
  const result = await made.invoke(JSON.stringify(event));
  if (result.outcome !== 'returned') throw new Error(JSON.stringify(result));
  return JSON.parse(result.payload);
};

describe('one invocation', () => {
  test('gets the event and the context, and only the variables it is given', async () => {
    const { pool: made } = pool({
      body: 'return { event, id: context.awsRequestId, name: context.functionName, left: context.getRemainingTimeInMillis(), env: process.env };',
      variables: { STAGE: 'local' },
    });
    const answer = (await returned(made, { a: 1 })) as { left: number; env: Record<string, string> };
    expect(answer).toMatchObject({ event: { a: 1 }, id: 'request-1', name: 'aftercall-local-fixture' });
    expect(answer.left).toBeGreaterThan(2_000);
    expect(answer.left).toBeLessThanOrEqual(3_000);
    expect(answer.env).toEqual({ STAGE: 'local' });
  });

  test('that answers nothing answers null', async () => {
    expect(await returned(pool({ body: '' }).pool)).toBeNull();
  });

  test('that throws fails with the error’s name and is logged; the thread lives on', async () => {
    const { pool: made, output } = pool({
      top: 'let n = 0;',
      body: 'n += 1; if (n === 1) throw new RangeError("too far"); return n;',
    });
    expect(await made.invoke('{}')).toEqual({
      outcome: 'failed',
      errorType: 'RangeError',
      message: 'too far',
    });
    expect(output.join('')).toContain('too far');
    expect(await returned(made)).toBe(2);
  });

  test('that runs too long is a failure, even in an endless loop, and the next one gets a new thread', async () => {
    const { pool: made } = pool({
      timeoutSeconds: 0.3,
      top: 'let n = 0;',
      body: 'n += 1; if (event.loop) for (;;); return n;',
    });
    expect(await returned(made)).toBe(1);
    expect(await made.invoke('{"loop":true}')).toEqual({
      outcome: 'failed',
      errorType: 'Sandbox.Timedout',
      message: 'request-1 Task timed out after 0.30 seconds',
    });
    expect(await returned(made)).toBe(1);
  });

  test('that takes more memory than the function has is a failure', async () => {
    const { pool: made } = pool({
      memoryMegabytes: 32,
      timeoutSeconds: 20,
      body: 'const held = []; for (;;) held.push(new Array(100_000).fill(held.length));',
    });
    expect(await made.invoke('{}')).toMatchObject({ outcome: 'failed', errorType: 'Runtime.OutOfMemory' });
  });

  test('that ends the process is a failure', async () => {
    expect(await pool({ body: 'process.exit(3);' }).pool.invoke('{}')).toMatchObject({
      outcome: 'failed',
      errorType: 'Runtime.ExitError',
    });
  });

  test('may be asked for and answer up to 6 MB', async () => {
    const { pool: made } = pool({ body: 'return "x".repeat(event.bytes);' });
    expect(await made.invoke(JSON.stringify('x'.repeat(6 * 1024 * 1024)))).toEqual({ outcome: 'too-large' });
    expect((await made.invoke(JSON.stringify({ bytes: 6 * 1024 * 1024 - 2 }))).outcome).toBe('returned');
    expect(await made.invoke(JSON.stringify({ bytes: 6 * 1024 * 1024 - 1 }))).toMatchObject({
      errorType: 'Function.ResponseSizeTooLarge',
    });
  });
});

describe('threads', () => {
  test('are kept warm and used again', async () => {
    const { pool: made } = pool({ top: 'let n = 0;', body: 'return (n += 1);' });
    expect([await returned(made), await returned(made), await returned(made)]).toEqual([1, 2, 3]);
  });

  test('run one invocation at a time each', async () => {
    const { pool: made } = pool({
      top: 'let running = 0;',
      body: 'running += 1; await new Promise((r) => setTimeout(r, 100)); const seen = running; running -= 1; return seen;',
    });
    expect(await Promise.all([returned(made), returned(made), returned(made)])).toEqual([1, 1, 1]);
  });

  test('load anew after a recycling, when their call is done', async () => {
    const { pool: made } = pool({
      top: 'let n = 0;',
      body: 'n += 1; await new Promise((r) => setTimeout(r, event.millis ?? 0)); return n;',
    });
    expect(await returned(made)).toBe(1);
    const underWay = returned(made, { millis: 150 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    made.recycle();
    expect([await returned(made), await underWay, await returned(made)]).toEqual([1, 2, 2]);
  });

  test('above the reserved concurrency do not start: the call is throttled', async () => {
    const { pool: made } = pool({
      reservedConcurrency: 1,
      body: 'await new Promise((r) => setTimeout(r, 200)); return 1;',
    });
    const first = made.invoke('{}');
    expect(await made.invoke('{}')).toEqual({ outcome: 'throttled' });
    expect((await first).outcome).toBe('returned');
    expect((await made.invoke('{}')).outcome).toBe('returned');
  });

  test('that cannot load the code say why', async () => {
    expect(await pool({ top: 'throw new Error("bad environment: STAGE");', body: '' }).pool.warm()).toBe(
      'bad environment: STAGE',
    );
    expect(await pool({ top: 'syntax error', body: '' }).pool.warm()).toMatch(/Unexpected|identifier/);
  });
});

test('everything a function writes is caught, whichever way it writes', async () => {
  const top =
    'import fs, { writeSync } from "node:fs"; const viaBuiltin = process.getBuiltinModule("node:fs");';
  const body = `console.log("a"); console.error("b"); process.stdout.write("c\\n"); fs.writeSync(1, "d\\n"); writeSync(2, Buffer.from("e\\n"));
    await new Promise((done) => viaBuiltin.write(1, "f\\n", done)); return 1;`;
  const { pool: made, output } = pool({ top, body });
  await returned(made);
  expect(output.join('')).toBe('a\nb\nc\nd\ne\nf\n');
});
