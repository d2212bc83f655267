import { schemeOf, verifyDelivery } from '@aftercall/signing';
import { afterEach, describe, expect, test } from '@jest/globals';

import { createTraffic } from './create-traffic.ts';
import type { PlannedDelivery } from './planned-delivery.ts';
import { FAST_RETRY_POLICY, OPEN_MESSAGING_RETRY_POLICY, WEBHOOK_RETRY_POLICY } from './retry-policy.ts';
import { sendTraffic } from './send-traffic.ts';
import type { Answer, SendOptions } from './send-traffic.ts';
import { startReceiver } from './start-receiver.ts';
import type { Received } from './start-receiver.ts';
import { sources } from './test-sources.ts';
import type { TrafficMix } from './traffic-mix.ts';

const now = new Date('2026-11-20T14:00:00.000Z');
const retry = { timeoutMillis: 10_000, delaysMillis: [5, 5, 5, 5, 5] };

let stop: () => Promise<void> = async () => {};
afterEach(() => stop());

async function receiver(answer: Parameters<typeof startReceiver>[0]) {
  const started = await startReceiver(answer);
  stop = started.stop;
  return started;
}

function planned(url: string, count: number, mix: TrafficMix = { analytics: 1 }): PlannedDelivery[] {
  const here = sources.map((source) => ({ ...source, url: `${url}/webhooks/${source.key}` }));
  return [...createTraffic({ seed: 4, count, sources: here, now, mix })];
}

async function send(traffic: Iterable<PlannedDelivery>, more: Partial<SendOptions> = {}) {
  const answers: Answer[] = [];
  const onAnswer = (answer: Answer) => answers.push(answer);
  const summary = await sendTraffic(traffic, { concurrency: 4, retry, now: () => now, onAnswer, ...more });
  return { answers, summary };
}

function verifies(
  { path, headers, body }: Received,
  secretOf: Readonly<Record<string, string>> = {},
): boolean {
  const source = sources.find(({ key }) => path === `/webhooks/${key}`);
  if (source === undefined) return false;
  const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const secret = secretOf[source.key] ?? source.secret;
  return (
    verifyDelivery({ headers: flat, body }, schemeOf(source.scheme), [secret], now).outcome === 'verified'
  );
}

describe('sending', () => {
  test('what arrives is signed over the very bytes that arrive, in every scheme', async () => {
    const { url, received } = await receiver(() => 200);
    const traffic = planned(url, 60, { analytics: 1, conversation: 1, 'analytics-batch': 1 });
    const { summary } = await send(traffic);
    expect(summary).toEqual({ deliveries: 60, attempts: 60, asExpected: 60 });
    expect(received.filter((one) => !verifies(one))).toEqual([]);
    expect(new Set(received.map(({ path }) => path)).size).toBe(sources.length);
  });

  test('forged deliveries do not verify where they arrive', async () => {
    const { url, received } = await receiver((one) => (verifies(one) ? 200 : 401));
    const { summary, answers } = await send(planned(url, 80, { forged: 1 }));
    expect(summary.asExpected).toBe(80);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(
      received.filter((one) => !verifies(one)).length,
    );
  });

  test('connections are kept between deliveries', async () => {
    const { url, received } = await receiver(() => 200);
    await send(planned(url, 40));
    expect(new Set(received.map(({ port }) => port)).size).toBeLessThanOrEqual(8);
  });

  test('no more are under way at once than asked for, and the generator is not drawn ahead', async () => {
    let [drawn, answered, most] = [0, 0, 0];
    const { url } = await receiver(() => 200);
    const counted = function* () {
      for (const delivery of planned(url, 50)) {
        drawn += 1;
        most = Math.max(most, drawn - answered);
        yield delivery;
      }
    };
    await send(counted(), { concurrency: 3, onAnswer: () => (answered += 1) });
    expect([drawn, answered]).toEqual([50, 50]);
    expect(most).toBeLessThanOrEqual(4);
  });

  test('an abort stops the run', async () => {
    const { url } = await receiver(() => 'hang');
    const stopRun = new AbortController();
    const run = send(planned(url, 50), {
      signal: stopRun.signal,
      retry: { ...retry, timeoutMillis: 10_000 },
    });
    setTimeout(() => stopRun.abort(new Error('enough')), 50);
    await expect(run).rejects.toThrow('enough');
  });
});

describe('retries', () => {
  test.each([429, 500, 503, 'break'] as const)('%s is tried again until it is answered', async (failure) => {
    let requests = 0;
    const { url, received } = await receiver(() => ((requests += 1) <= 2 ? failure : 200));
    const { answers } = await send(planned(url, 1));
    const outcome = failure === 'break' ? 'unreachable' : failure;
    expect(answers[0]?.attempts.map((attempt) => attempt.outcome)).toEqual([outcome, outcome, 200]);
    expect(answers[0]).toMatchObject({ status: 200, body: 'answer 200', asExpected: true });
    expect(new Set(received.map(({ body }) => body.toString())).size).toBe(1);
  });

  test('a time-out is tried again', async () => {
    let requests = 0;
    const { url } = await receiver(() => ((requests += 1) === 1 ? 'hang' : 200));
    const { answers } = await send(planned(url, 1), { retry: { ...retry, timeoutMillis: 1_000 } });
    expect(answers[0]?.attempts.map((attempt) => attempt.outcome)).toEqual(['timeout', 200]);
    expect(answers[0]?.attempts[0]?.durationMillis).toBeGreaterThan(990);
  });

  test('after the first attempt and five retries the sender gives up', async () => {
    const { url, received } = await receiver(() => 503);
    const { answers, summary } = await send(planned(url, 1));
    expect(received).toHaveLength(6);
    expect(answers[0]).toMatchObject({ status: 503, asExpected: false });
    expect(summary).toEqual({ deliveries: 1, attempts: 6, asExpected: 0 });
  });

  test.each([200, 302, 400, 401, 404, 413])('%i is final', async (status) => {
    const { url, received } = await receiver(() => status);
    const { answers } = await send(planned(url, 1));
    expect(received).toHaveLength(1);
    expect(answers[0]?.status).toBe(status);
  });

  test('every attempt bears the same delivery id and the time of its own', async () => {
    const { url, received } = await receiver(() => 503);
    const relay = planned(url, 40)
      .filter(({ source }) => source.key === 'relay')
      .slice(0, 1);
    let seconds = 0;
    await send(relay, { now: () => new Date(now.getTime() + (seconds += 10) * 1_000) });
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(6);
  });

  test('the policies are those of the senders', () => {
    const sum = WEBHOOK_RETRY_POLICY.delaysMillis.reduce((total, delay) => total + delay, 0);
    expect(sum).toBeLessThanOrEqual(24 * 3_600_000);
    expect([WEBHOOK_RETRY_POLICY.timeoutMillis, WEBHOOK_RETRY_POLICY.delaysMillis.length]).toEqual([
      3_000, 5,
    ]);
    expect(FAST_RETRY_POLICY.delaysMillis).toHaveLength(5);
    expect(OPEN_MESSAGING_RETRY_POLICY).toEqual({
      timeoutMillis: 10_000,
      delaysMillis: [5_000, 5_000, 5_000, 5_000, 5_000],
    });
  });
});

describe('rotation', () => {
  test('from its delivery on the new secret signs, for that source alone, and it is asked for once', async () => {
    const { url, received } = await receiver(() => 200);
    const traffic = planned(url, 120);
    let rotations = 0;
    const rotate = async () => {
      rotations += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return 'the-second-secret-of-main-456789';
    };
    await send(traffic, { rotations: [{ atDelivery: 60, source: 'main', rotate }] });

    expect(rotations).toBe(1);
    for (const delivery of traffic) {
      const one = received.find(({ body }) => Buffer.compare(body, delivery.body) === 0);
      const isNew = delivery.source.key === 'main' && delivery.index >= 60;
      const secrets = isNew ? { main: 'the-second-secret-of-main-456789' } : {};
      expect(one !== undefined && verifies(one, secrets)).toBe(true);
    }
  });

  test('a rotation that fails ends the run', async () => {
    const { url } = await receiver(() => 200);
    const rotate = async () => Promise.reject(new Error('no rotation'));
    await expect(
      send(planned(url, 50), { rotations: [{ atDelivery: 5, source: 'main', rotate }] }),
    ).rejects.toThrow('no rotation');
  });
});

test('a secret that cannot sign ends the run and is not taken for a broken connection', async () => {
  const { url } = await receiver(() => 200);
  const traffic = planned(url, 3).map((delivery) => ({
    ...delivery,
    source: { ...delivery.source, secret: '' },
  }));
  await expect(send(traffic)).rejects.toThrow('secret is empty');
});
