import { createTraffic, type PlannedDelivery, type Random, seededRandom } from '@aftercall/genesys-simulator';
import { SOURCES } from './deliveries.ts';
import { FAULT_KINDS } from './fault-matrix.ts';
import {
  canBePartial,
  type FaultKind,
  type OutgoingCall,
  type Service,
  type Weather,
} from './outgoing-calls.ts';
import { runStage, type Run, type Suite } from './run-stage.ts';
import { type Fault, faultsBetween } from './sinks.ts';
import { without } from './suite.ts';
import { START } from './virtual-stage.ts';

/** One schedule, and what was wrong after it. */
export interface ScheduleResult {
  /** Gives the same schedule again. */
  readonly seed: number;
  /** What befell which call, in order. */
  readonly befell: readonly string[];
  readonly faults: readonly Fault[];
}

/** Runs schedules by their seeds. What must come of each traffic is found out once, by a run that nothing befalls. */
export interface Schedules {
  run(seed: number): Promise<ScheduleResult>;
}

/** Different traffics; each meets ever different schedules. */
const TRAFFICS = 60;
const DELIVERIES = { least: 3, most: 8 };
const CONCURRENCY = { least: 1, most: 4 };
/** Faults of single calls in a schedule, on average. */
const FAULTS = 3;
/**
 * A function that dies counts as an attempt of what it had in hand, and so does a claim of which it never hears or that
 * it cannot take back; with three the event is given up, as it should be: here nothing may be given up.
 */
const MOST_ATTEMPTS_LOST = 2;
/** A schedule in so many also has a service that is slow or down for a while. */
const WEATHER_CHANCE = 0.25;
const WEATHER_SECONDS = { least: 5, most: 300 };
/** One traffic in so many has its transcripts fetched: that takes as long as everything else together. */
const TRANSCRIPTS_EVERY = 5;

export function createSchedules(suite: Suite): Schedules {
  const references = new Map<number, Promise<Run>>();
  return {
    run: async (seed) => {
      const number = seed % TRAFFICS;
      const traffic = trafficOf(number);
      const fitting = number % TRANSCRIPTS_EVERY === 0 ? suite : without('transcript-fetcher', suite);
      const referring =
        references.get(number) ?? runStage(fitting, { traffic, seed: number, habits: 'steady' });
      references.set(number, referring);
      return runSchedule(fitting, { seed, traffic, reference: await referring });
    },
  };
}

/** Duplicates, reordering, batches, forgeries and everything else that the simulator sends. */
function trafficOf(number: number): readonly PlannedDelivery[] {
  const count = seededRandom(number).between(DELIVERIES.least, DELIVERIES.most);
  return [...createTraffic({ seed: number, count, sources: Object.values(SOURCES), now: new Date(START) })];
}

interface ScheduleInput {
  readonly seed: number;
  readonly traffic: readonly PlannedDelivery[];
  readonly reference: Run;
}

async function runSchedule(
  suite: Suite,
  { seed, traffic, reference }: ScheduleInput,
): Promise<ScheduleResult> {
  const random = seededRandom(seed + 1);
  const befell: string[] = [];
  const faultOf = chanceFaults(random, FAULTS / reference.stage.calls.length, befell);
  const weatherOf = random.chance(WEATHER_CHANCE) ? chanceWeather(random, befell) : undefined;
  const concurrency = random.between(CONCURRENCY.least, CONCURRENCY.most);
  const run = await runStage(suite, {
    ...{ seed, traffic, concurrency, faultOf },
    ...(weatherOf && { weatherOf }),
  });
  return { seed, befell, faults: [...run.faults, ...faultsBetween(reference.sinks, run.sinks)] };
}

function chanceFaults(random: Random, chance: number, befell: string[]) {
  const lost = new Map<string, number>();
  return (call: OutgoingCall): FaultKind | undefined => {
    if (!random.chance(chance)) return undefined;
    const kind = random.pick(FAULT_KINDS);
    if (kind === 'partial' && !canBePartial(call)) return undefined;
    const { app, service, operation } = call;
    if (losesAttempt(kind, call)) {
      const before = lost.get(app) ?? 0;
      if (before >= MOST_ATTEMPTS_LOST) return undefined;
      lost.set(app, before + 1);
    }
    befell.push(`${kind} ${app} ${service} ${operation}`);
    return kind;
  };
}

const losesAttempt = (kind: FaultKind, { service, operation }: OutgoingCall): boolean =>
  kind.startsWith('crash') ||
  (service === 'dynamodb' &&
    ((operation === 'Put' && kind === 'answer-lost') || (operation === 'Update' && kind !== 'answer-lost')));

const FRAIL: readonly Service[] = ['sqs', 'dynamodb', 's3', 'events', 'secretsmanager', 'ssm'];
const UP: Weather = { kind: 'up' };

function chanceWeather(random: Random, befell: string[]) {
  const frail = random.pick(FRAIL);
  const bad: Weather = random.chance(0.5) ? { kind: 'down' } : { kind: 'slow', millis: 5_000 };
  const from = START + random.between(0, 60_000);
  const until = from + 1000 * random.between(WEATHER_SECONDS.least, WEATHER_SECONDS.most);
  befell.push(`${frail} ${bad.kind} from ${(from - START) / 1000} s to ${(until - START) / 1000} s`);
  return (service: Service, millis: number): Weather =>
    service === frail && millis >= from && millis < until ? bad : UP;
}
