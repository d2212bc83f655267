import { afterEach, describe, expect, test } from '@jest/globals';
import { request } from 'node:http';
import { crmEndpointAt, startCrmEndpoint } from './index.ts';
import type { CrmBehaviour, CrmEndpoint } from './index.ts';

const started: CrmEndpoint[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((endpoint) => endpoint.close()));
});

async function crm(behaviour?: CrmBehaviour): Promise<CrmEndpoint> {
  const now = () => new Date('2026-11-20T14:03:27.418Z');
  const endpoint = await startCrmEndpoint({ now, ...(behaviour && { behaviour }) });
  started.push(endpoint);
  return endpoint;
}

const post = (url: string, factId: string, body = '{}') =>
  fetch(`${url}/crm`, { method: 'POST', headers: { 'x-aftercall-fact-id': factId }, body });

test('requests are recorded by fact, with their number, order and time', async () => {
  const { url, deliveries } = await crm();
  for (const id of ['f1', 'f2', 'f1']) await post(url, id, `{"id":"${id}"}`);
  await fetch(url, { method: 'POST' });
  expect(deliveries().map(({ factId, accepted }) => [factId, accepted])).toEqual([
    ['f1', 2],
    ['f2', 1],
    ['', 1],
  ]);
  expect(deliveries()[0]?.requests).toMatchObject([
    { order: 1, status: 200, path: '/crm', body: '{"id":"f1"}', receivedAt: '2026-11-20T14:03:27.418Z' },
    { order: 3, status: 200, headers: { 'x-aftercall-fact-id': 'f1' } },
  ]);
});

describe('it answers', () => {
  test.each([
    [{ behaviour: 'up' }, 200, null],
    [{ behaviour: 'down' }, 503, null],
    [{ behaviour: 'rejecting' }, 400, null],
    [{ behaviour: 'throttled' }, 429, '1'],
    [{ behaviour: 'throttled', retryAfterSeconds: 7 }, 429, '7'],
    [{ behaviour: 'slow', delayMillis: 20 }, 200, null],
  ] as const)('%j with %d', async (behaviour, status, retryAfter) => {
    const { url, deliveries } = await crm(behaviour);
    const answer = await post(url, 'f');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, retryAfter]);
    expect(deliveries()[0]).toMatchObject({ accepted: status === 200 ? 1 : 0, requests: [{ status }] });
  });

  test('nothing when it is unreachable, and the request is recorded all the same', async () => {
    const { url, deliveries } = await crm({ behaviour: 'unreachable' });
    await expect(post(url, 'f')).rejects.toThrow();
    expect(deliveries()).toMatchObject([{ factId: 'f', accepted: 0, requests: [{ status: 'none' }] }]);
  });

  test('too late when it is slow: who hangs up is not counted as served', async () => {
    const { url, deliveries, setBehaviour } = await crm({ behaviour: 'slow' });
    const signal = AbortSignal.timeout(50);
    await expect(fetch(url, { method: 'POST', signal })).rejects.toThrow();
    setBehaviour({ behaviour: 'up' });
    expect((await post(url, 'f')).status).toBe(200);
    expect(deliveries().map(({ accepted }) => accepted)).toEqual([0, 1]);
  });
});

describe('by HTTP', () => {
  test('it is told how to behave, and asked what it got', async () => {
    const { url } = await crm();
    const remote = crmEndpointAt(url);
    await remote.setBehaviour({ behaviour: 'throttled', retryAfterSeconds: 2 });
    expect((await post(url, 'f')).headers.get('retry-after')).toBe('2');
    await remote.setBehaviour({ behaviour: 'up' });
    expect((await post(url, 'f')).status).toBe(200);
    expect(await remote.deliveries()).toMatchObject([
      { factId: 'f', accepted: 1, requests: [{ status: 429 }, { status: 200 }] },
    ]);
    expect(await (await fetch(`${url}/__behaviour`)).json()).toEqual({ behaviour: 'up' });
  });

  test.each([
    ['{"behaviour":"sleepy"}', 'one of up, slow'],
    ['null', 'one of up, slow'],
    ['no json', 'one of up, slow'],
    ['{"behaviour":"slow","delayMillis":-1}', 'delayMillis'],
    ['{"behaviour":"throttled","retryAfterSeconds":"1"}', 'retryAfterSeconds'],
  ])('%s is refused, and it behaves as before', async (body, message) => {
    const { url } = await crm();
    const answer = await fetch(`${url}/__behaviour`, { method: 'POST', body });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(message)]);
    expect((await post(url, 'f')).status).toBe(200);
  });

  test('an unknown path is named, and a web page is refused', async () => {
    const { url } = await crm();
    expect((await fetch(`${url}/__reset`)).status).toBe(404);
    await expect(crmEndpointAt(`${url}/__x`).deliveries()).rejects.toThrow('answered 404');
    const page = await fetch(`${url}/__deliveries`, { headers: { origin: 'http://example.test' } });
    expect(page.status).toBe(403);
    const rebound = await new Promise((resolve) => {
      request(`${url}/__deliveries`, { headers: { host: 'example.test' } }, ({ statusCode }) =>
        resolve(statusCode),
      ).end();
    });
    expect(rebound).toBe(403);
  });
});

test('closing it drops who still waits for an answer', async () => {
  const endpoint = await crm({ behaviour: 'slow' });
  const waiting = expect(post(endpoint.url, 'f')).rejects.toThrow();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const startedMillis = Date.now();
  await endpoint.close();
  await waiting;
  expect(Date.now() - startedMillis).toBeLessThan(1_000);
});
