import { expect, test } from '@jest/globals';
import { createVirtualTime } from './virtual-time.ts';

test('what is due first runs first, and of what is due together what was planned first', async () => {
  const time = createVirtualTime(0);
  const ran: string[] = [];
  const note = (name: string) => () => void ran.push(`${name} ${time.nowMillis()}`);
  time.after(20, note('late'));
  time.after(10, note('early'));
  time.after(10, note('second'));
  expect(await time.passUntil(() => ran.length === 3, 1_000)).toBe(true);
  expect(ran).toEqual(['early 10', 'second 10', 'late 20']);
});

test('what was called off neither runs nor makes anything else run before its time', async () => {
  const time = createVirtualTime(0);
  const ran: number[] = [];
  const note = () => void ran.push(time.nowMillis());
  time.after(10, note);
  const cancel = time.after(10, note);
  time.after(5_000, note);
  cancel();
  await time.passUntil(() => false, 20_000);
  expect(ran).toEqual([10, 5_000]);
});

test('time stops where it was told to, and when the condition holds', async () => {
  const time = createVirtualTime(0);
  time.after(60_000, () => undefined);
  expect(await time.passUntil(() => false, 1_000)).toBe(false);
  expect(time.nowMillis()).toBe(1_000);
  expect(await time.passUntil(() => time.nowMillis() >= 60_000, 100_000)).toBe(true);
  expect(time.nowMillis()).toBe(60_000);
});

test('a promise that waits for another has gone on before time does', async () => {
  const time = createVirtualTime(0);
  const woke = async (millis: number) => {
    await new Promise<void>((resolve) => void time.after(millis, resolve));
    return time.nowMillis();
  };
  const both = Promise.all([woke(5), woke(7)]);
  await time.passUntil(() => time.nowMillis() >= 7, 100);
  expect(await both).toEqual([5, 7]);
});
