// Runs the backfill's slices over a whole day on a clock that skips the waits, against the simulator.
import { createPlatformApi } from '@aftercall/genesys';
import { type ApiAnswer, type ApiRequest, createPlatform, TEST_CLIENT } from '@aftercall/genesys-simulator';
import { createTokenSource, httpRequestToken, tokenEndpoint, warpedClock } from '@aftercall/oauth';

const CONVERSATIONS = 100_000;
const LATENCY_MILLIS = 40;
/** As infra gives it: a slice ends when this is over, and the next begins in a new invocation. */
const INVOCATION_MILLIS = 60_000;
/** What it takes SQS and Lambda to bring the message again. */
const QUEUE_MILLIS = 100;
const DAY = Date.parse('2026-11-20T00:00:00Z');
const DAY_MILLIS = 86_400_000;
/** No conversation of the simulator is longer than half an hour: all of them end on the day. */
const LAST_START_MILLIS = DAY_MILLIS - 1_800_000;

type Slice =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'paused'; readonly pause: { readonly seconds: number } }
  | { readonly outcome: 'held'; readonly seconds: number };
const bundled = async (file: string): Promise<unknown> => import(new URL(file, import.meta.url).href);
/** An app is no library: its core is reached as a bundle, as everybody outside of it reaches it. */
const { workSlice } = (await bundled('work-slice.mjs')) as {
  workSlice(request: object, deps: object): Promise<Slice>;
};
const { memoryRunsStore } = (await bundled('memory-runs-store.mjs')) as { memoryRunsStore(): object };

const clock = warpedClock();
const now = () => new Date(DAY + 2 * DAY_MILLIS + clock.elapsedMillis());
const period = { count: CONVERSATIONS, from: new Date(DAY), to: new Date(DAY + LAST_START_MILLIS) };
const platform = createPlatform({ seed: 1, now, period, jobs: { pendingSeconds: 20 } }, () => '');
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
let sent = 0;
let slices = 0;

async function runSlice(): Promise<Slice> {
  const endsAt = clock.elapsedMillis() + INVOCATION_MILLIS;
  const remainingMillis = () => endsAt - clock.elapsedMillis();
  const budget = (millis: number) => {
    const callEndsAt = clock.elapsedMillis() + millis;
    return { remainingMillis: () => Math.min(callEndsAt - clock.elapsedMillis(), remainingMillis()) };
  };
  const interval = { from: new Date(DAY).toISOString(), to: new Date(DAY + DAY_MILLIS).toISOString() };
  const request = { request: 'r', source: 'backfill', ...interval, by: 'job', early: 'accept' };
  slices += 1;
  return workSlice(request, {
    ...{ api, runs, source: { key: 'backfill', org: 'main', mediaTypes: [] }, request: 'r', mediaTypes: [] },
    ...{ budget, remainingMillis, now, newOwner: () => 'bench', onDay: () => undefined },
    conversationsWithOutcome: async () => new Set(),
    knownEvents: async () => new Set(),
    sendEvents: async (events: readonly unknown[]) => void (sent += events.length),
  });
}

const runs = memoryRunsStore();
for (let slice = await runSlice(); slice.outcome !== 'done'; slice = await runSlice()) {
  const seconds = slice.outcome === 'held' ? slice.seconds : slice.pause.seconds;
  await clock.sleep(seconds * 1000 + QUEUE_MILLIS);
}
const statuses = platform
  .requests()
  .filter(({ host }) => host === 'api')
  .map(({ status }) => status);
process.stdout.write(JSON.stringify({ statuses, sent, slices, minutes: clock.elapsedMillis() / 60_000 }));

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
