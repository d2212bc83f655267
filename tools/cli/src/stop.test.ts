import { expect, test } from '@jest/globals';
import type { LocalJson } from '@aftercall/local';
import pc from 'picocolors';
import type { CommandContext } from './context.ts';
import { stop } from './stop.ts';

const PID = 4_242;
const stack = { directory: '/x', local: { pid: PID, control: 'http://127.0.0.1:9' } as LocalJson };

function stopping(answer: () => Promise<Response>, ends: 'at once' | 'never') {
  const said: string[] = [];
  const killed: unknown[] = [];
  const state = { running: true };
  const context = {
    options: { json: false, dryRun: false, yes: false, stage: 'local' },
    colors: pc.createColors(false),
    writeOut: (text: string) => void said.push(text),
    fetch: async () => {
      const answered = await answer();
      if (ends === 'at once') state.running = false;
      return answered;
    },
    sleep: async () => undefined,
  } as unknown as CommandContext;
  const kill = (...args: unknown[]) => {
    killed.push(args);
    if (ends === 'at once') state.running = false;
  };
  const exitCode = stop(context, { kill, find: async () => (state.running ? stack : undefined) });
  return { exitCode, said, killed };
}
const answering = (pid: number) => async () => Response.json({ pid, status: 'stopping' });
const failing = (name: string) => () => Promise.reject(Object.assign(new Error('x'), { name }));

test('a stack that answers is asked, not killed', async () => {
  const { exitCode, said, killed } = stopping(answering(PID), 'at once');
  expect([await exitCode, said, killed]).toEqual([0, [`stopped the stack of pid ${PID}\n`], []]);
});

test('one that hangs gets SIGTERM', async () => {
  const { exitCode, killed } = stopping(failing('TimeoutError'), 'at once');
  expect([await exitCode, killed]).toEqual([0, [[PID, 'SIGTERM']]]);
});

test.each([
  ['nothing listens', failing('TypeError')],
  ['another stack listens', answering(1)],
])('when %s, the pid may be another program’s and is left alone', async (_case, answer) => {
  const { exitCode, said, killed } = stopping(answer, 'never');
  expect([await exitCode, killed]).toEqual([0, []]);
  expect(said.join()).toContain('gone already');
});

test('one that does not stop is an error that says how to end it', async () => {
  await expect(stopping(answering(PID), 'never').exitCode).rejects.toMatchObject({
    exitCode: 1,
    next: `end it with \`kill -9 ${PID}\``,
  });
});
