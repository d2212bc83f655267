import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStack } from '@aftercall/local';
import type { LocalJson, Stack, StackOptions } from '@aftercall/local';
import { createTraffic, crmEndpointAt, FAST_RETRY_POLICY, sendTraffic } from '@aftercall/genesys-simulator';
import type { Answer, PlannedDelivery, TrafficSource } from '@aftercall/genesys-simulator';
import { createDemoClients } from './aws-clients.ts';
import type { DemoClients } from './aws-clients.ts';
import { demoReport } from './demo-report.ts';
import type { DemoReport } from './demo-report.ts';
import { countEvents, expectEffects } from './expect-effects.ts';
import { judgeEffects } from './judge-effects.ts';
import { judgeLanded } from './judge-landed.ts';
import { queueDepth, readEffects } from './read-effects.ts';
import { readLanded } from './read-landed.ts';
import { repeatEvents } from './repeat-events.ts';
import { watchFacts } from './watch-facts.ts';
import type { FactWatch } from './watch-facts.ts';

/** How many deliveries are under way at once. */
const CONCURRENCY = 4;
const POLL_MILLIS = 200;
/** The CRM answers with everything it has, so it is asked less often. */
const CRM_POLL_MILLIS = 1_000;
/** The queues are empty and nothing has come off the bus for so long: all that comes has come. */
const QUIET_MILLIS = 600;
/** An event whose worker crashed comes back after the visibility timeout, a minute; then the wait is over. */
const DRAIN_SECONDS = 100;

/** Who is told how far a run is. */
export interface DemoAudience {
  readonly note: (line: string) => void;
  readonly progress: (progress: Progress) => void;
}

export interface Progress {
  readonly answered: number;
  readonly deliveries: number;
  /** Events of which a fact was seen so far. */
  readonly processedEvents: number;
  /** How many there will be; unknown while deliveries are being sent. */
  readonly expectedEvents?: number;
}

export interface DemoOptions {
  readonly deliveries: number;
  readonly seed: number;
  /** Ends the run: it then rejects with the signal's reason, once everything has stopped. */
  readonly signal: AbortSignal;
  readonly audience: DemoAudience;
  /** As `startStack` takes it; for tests that break the pipeline. */
  readonly environment?: StackOptions['environment'];
}

export interface DemoResult {
  readonly report: DemoReport;
  /** Kept when a promise was broken, so that it can be looked into. */
  readonly logsDirectory?: string;
}

/** Starts a stack of its own, plays the deliveries, waits for the last effect and judges what was found. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const startedMillis = performance.now();
  const directory = await mkdtemp(join(tmpdir(), 'aftercall-demo-'));
  let isKept = false;
  try {
    options.audience.note('starting a stack of its own');
    const stack = await startStack({
      directory,
      ...(options.environment && { environment: options.environment }),
    });
    const report = await withStack(stack, options, startedMillis);
    isKept = !report.ok;
    return { report, ...(isKept && { logsDirectory: stack.logsDirectory }) };
  } finally {
    if (!isKept) await rm(directory, { recursive: true, force: true });
  }
}

async function withStack(stack: Stack, options: DemoOptions, startedMillis: number): Promise<DemoReport> {
  const clients = createDemoClients(stack.local);
  try {
    options.signal.throwIfAborted();
    const watch = await watchFacts(clients, stack.local.resources.busName);
    try {
      return await play({
        local: stack.local,
        logsDirectory: stack.logsDirectory,
        clients,
        watch,
        options,
        startedMillis,
      });
    } finally {
      await watch.stop();
    }
  } finally {
    clients.destroy();
    await stack.stop();
  }
}

interface Scene {
  readonly local: LocalJson;
  readonly logsDirectory: string;
  readonly clients: DemoClients;
  readonly watch: FactWatch;
  readonly options: DemoOptions;
  /** On the clock of `performance.now`. */
  readonly startedMillis: number;
}

async function play(scene: Scene): Promise<DemoReport> {
  const { local, logsDirectory, clients, watch, options, startedMillis } = scene;
  const { resources } = local;
  const firstSentMillis = performance.now();
  const answers = await send(scene);
  const expected = expectEffects(answers);
  const progress = { answered: answers.length, deliveries: options.deliveries };
  const all = { ...progress, expectedEvents: countEvents(expected.promised) };
  options.audience.note('waiting until everything is processed');
  const lastEffectMillis = await drained(scene, all);
  options.audience.note('sending a tenth of it again, past the deduplication of the queue');
  const repeated = await repeatEvents(answers, clients, {
    queueUrl: resources.eventsQueueUrl,
    now: () => new Date(),
    hadEffect: watch.sawFactOf,
  });
  await drained(scene, all);
  options.audience.note('waiting until everything has landed');
  await drained(scene, all);
  await takenByCrm(scene);
  const observed = await readEffects(clients, resources, { facts: watch.facts(), logsDirectory });
  const landed = await readLanded(clients, local);
  return demoReport({
    seed: options.seed,
    answers,
    expected,
    verdict: { ...judgeEffects(expected, observed), ...judgeLanded(observed.facts, landed) },
    landed,
    repeated,
    quarantined: observed.quarantined.size,
    deadLetters: observed.deadLetters + (await queueDepth(clients.sqs, resources.eventsDeadLetterQueueUrl)),
    leftOnQueue: await queueDepth(clients.sqs, resources.eventsQueueUrl),
    workingMillis: lastEffectMillis - firstSentMillis,
    totalMillis: performance.now() - startedMillis,
  });
}

async function send({ local, watch, options }: Scene): Promise<Answer[]> {
  const { deliveries, signal, audience } = options;
  audience.note(`sending ${deliveries.toLocaleString('en')} deliveries`);
  const answers: Answer[] = [];
  await sendTraffic(traffic(local, options), {
    ...{ concurrency: CONCURRENCY, retry: FAST_RETRY_POLICY, signal, now: () => new Date() },
    onAnswer: (answer) => {
      answers.push(answer);
      audience.progress({ answered: answers.length, deliveries, processedEvents: watch.events() });
    },
  });
  return answers;
}

function traffic(local: LocalJson, { deliveries, seed }: DemoOptions): Generator<PlannedDelivery> {
  // `local.json` spells a scheme as the simulator does, but types it as any JSON would have it.
  const sources = local.sources.map((source) => source as TrafficSource);
  return createTraffic({ seed, count: deliveries, sources, now: new Date() });
}

/**
 * Waits until the pipeline's queues and the facts' own are empty and nothing moves any more, or the time is up.
 *
 * @returns when the last effect was seen
 */
async function drained(
  { local, clients, watch, options }: Scene,
  progress: Omit<Progress, 'processedEvents'>,
): Promise<number> {
  const { resources } = local;
  const deadline = performance.now() + DRAIN_SECONDS * 1000;
  let publications = watch.publications();
  let lastMillis = performance.now();
  for (;;) {
    const depths = await Promise.all(
      [resources.eventsQueueUrl, watch.queueUrl, ...Object.values(resources.queueUrls)].map((url) =>
        queueDepth(clients.sqs, url),
      ),
    );
    const now = performance.now();
    if (watch.publications() !== publications || depths.some((depth) => depth > 0)) lastMillis = now;
    publications = watch.publications();
    options.audience.progress({ ...progress, processedEvents: watch.events() });
    if (now - lastMillis >= QUIET_MILLIS || now > deadline) return lastMillis;
    await sleep(POLL_MILLIS, undefined, { signal: options.signal });
  }
}

/** The bus brings the CRM so many facts a second and no more: waits until it has one for each outcome, or the time is up. */
async function takenByCrm({ local, watch, options }: Scene): Promise<void> {
  const outcomes = watch.facts().filter(({ type }) => type === 'aftercall.outcome.recorded').length;
  const deadline = performance.now() + DRAIN_SECONDS * 1000;
  while (performance.now() < deadline) {
    const deliveries = await crmEndpointAt(local.crm.url).deliveries();
    if (deliveries.filter(({ accepted }) => accepted > 0).length >= outcomes) return;
    await sleep(CRM_POLL_MILLIS, undefined, { signal: options.signal });
  }
}
