import { join } from 'node:path';
import { createPlatformApi } from '@aftercall/genesys';
import { type ApiAnswer, type ApiRequest, createPlatform, TEST_CLIENT } from '@aftercall/genesys-simulator';
import { createTokenSource, httpRequestToken, tokenEndpoint, warpedClock } from '@aftercall/oauth';
import pMap from 'p-map';
import type { Benchmark } from './benchmark.ts';
import { bundle } from './bundle.ts';
import type { CpuSample } from './cpu-time.ts';
import { freshProcess } from './fresh-process.ts';
import { type Row, sampledRow } from './row.ts';

const benchmark = 'backfill-pacing';

const CALLS = 100_000;
const REQUESTS_PER_MINUTE = 300;
/** As a slice of the backfill makes them. */
const CONCURRENCY = 4;
const LATENCY_MILLIS = 40;
const PROCESSES = 7;

/** A backfill's calls on a clock that skips the waits, against the simulator; and what a token in memory costs. */
export const backfillPacing: Benchmark = {
  name: benchmark,
  run: async () => ({ rows: [...(await pacingRows()), await tokenRow()] }),
};

async function pacingRows(): Promise<readonly Row[]> {
  const { statuses, minutes } = await backfillCalls();
  const answered = statuses.filter((status) => status === 200).length;
  const used = answered / (REQUESTS_PER_MINUTE * minutes);
  const row = (measure: string, value: number, unit: string) => ({ benchmark, measure, value, unit });
  return [
    {
      ...row(`share of ${REQUESTS_PER_MINUTE} a minute used by ${CALLS} calls`, used * 100, '%'),
      target: { atLeast: 95 },
    },
    { ...row('most answers with 429 in a row', longestRun(statuses, 429), ''), target: { atMost: 1 } },
    row('answers with 429', statuses.filter((status) => status === 429).length, ''),
    row('time that the calls would have taken', minutes / 60, 'h'),
  ];
}

/** One metrics call for each conversation, as for those that are missing. */
async function backfillCalls(): Promise<{ statuses: readonly (number | 'none')[]; minutes: number }> {
  const clock = warpedClock();
  const now = () => new Date(clock.elapsedMillis());
  const platform = createPlatform({ seed: 1, now, unknownConversations: 'invented' }, () => '');
  const inProcess: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const apiRequest = await apiRequestOf(request);
    await clock.sleep(LATENCY_MILLIS);
    return responseOf(platform.answer(apiRequest));
  };
  const tokens = createTokenSource({
    requestToken: httpRequestToken({
      endpoint: tokenEndpoint({ baseUrl: 'https://login.example.com' }),
      timeoutMillis: 5_000,
      fetch: inProcess,
    }),
    credentials: { current: async () => TEST_CLIENT, refresh: async () => 'too-soon' },
    clock,
    random: Math.random,
    newOwner: () => 'bench',
    log: { warn: (_fields, message) => console.error(message) },
    countTokenRequest: () => undefined,
  });
  const api = createPlatformApi({
    baseUrl: 'https://api.example.com',
    tokens,
    fetch: inProcess,
    clock,
    random: Math.random,
    onRateLimitRemaining: () => undefined,
  });
  const unhurried = { remainingMillis: () => Infinity };
  const ids = Array.from({ length: CALLS }, (_, index) => `conversation-${index}`);
  await pMap(ids, (id) => api.conversationMetrics(id, unhurried), { concurrency: CONCURRENCY });
  const statuses = platform
    .requests()
    .filter(({ host }) => host === 'api')
    .map(({ status }) => status);
  return { statuses, minutes: clock.elapsedMillis() / 60_000 };
}

async function apiRequestOf(request: Request): Promise<ApiRequest> {
  const { pathname, searchParams } = new URL(request.url);
  return {
    method: request.method,
    path: pathname,
    query: searchParams,
    headers: Object.fromEntries(request.headers),
    body: await request.text(),
  };
}

function responseOf(answer: ApiAnswer | string): Response {
  if (typeof answer === 'string') throw new TypeError('fetch failed');
  const { status, headers = {}, body } = answer;
  return new Response(JSON.stringify(body), { status, headers });
}

function longestRun<T>(items: readonly T[], item: T): number {
  let run = 0;
  let longest = 0;
  for (const one of items) {
    run = one === item ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

/** The compiler decides anew in each process, so one process is one sample. */
async function tokenRow(): Promise<Row> {
  const bench = await bundle(benchmark, { process: 'tools/bench/src/cached-token-process.ts' });
  const samples: CpuSample[] = [];
  for (let sample = 0; sample < PROCESSES; sample += 1) {
    samples.push((await freshProcess(join(bench, 'process.mjs'), [], {})) as CpuSample);
  }
  const name = { benchmark, measure: 'CPU per access token from memory', unit: 'µs' };
  return {
    ...sampledRow(
      name,
      samples.map(({ micros }) => micros),
    ),
    target: { atMost: 5 },
  };
}
