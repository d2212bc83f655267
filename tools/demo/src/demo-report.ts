import type { Answer } from '@aftercall/genesys-simulator';
import { countEvents } from './expect-effects.ts';
import type { ExpectedEffects } from './expect-effects.ts';
import type { Verdict } from './judge-effects.ts';
import type { LandedVerdict } from './judge-landed.ts';
import type { Landed } from './read-landed.ts';

/** How many ids of a broken promise are named. */
const NAMED_AT_MOST = 20;

/** A promise and how often it was broken; `examples` names the first of them. */
export interface Breaches {
  readonly count: number;
  readonly examples: readonly string[];
}

/** What `--json` prints. */
export interface DemoReport {
  /** Whether every promise was kept. */
  readonly ok: boolean;
  readonly seed: number;
  /** Deliveries; `attempts` has the sender's retries in it. */
  readonly sent: number;
  readonly attempts: number;
  readonly accepted: number;
  /** By status and what was sent. */
  readonly refused: { readonly total: number; readonly byReason: Readonly<Record<string, number>> };
  /** Deliveries without any answer in the end. */
  readonly unanswered: number;
  readonly events: {
    /** As the 200 answers counted them. */
    readonly accepted: number;
    readonly distinct: number;
    /** Accepted ones that were accepted before. */
    readonly duplicates: number;
    /** Sent once more past the queue's own deduplication. */
    readonly repeated: number;
    readonly processed: number;
  };
  /** Bodies in quarantine. */
  readonly quarantined: number;
  readonly deadLetters: number;
  /** Left on the queue when the wait was over. */
  readonly leftOnQueue: number;
  readonly landed: {
    readonly lake: {
      readonly rows: number;
      readonly files: number;
      /** Rows by day and sentiment; `none` where no label was sent. */
      readonly bySentiment: Readonly<Record<string, Readonly<Record<string, number>>>>;
    };
    /** Messages by team. */
    readonly qaQueues: Readonly<Record<string, number>>;
    /** What the CRM took; `toldAgain`: more than once under one id, as after an answer that got lost. */
    readonly crm: { readonly outcomes: number; readonly toldAgain: number };
    /** Redacted and compressed; `bytes` are all of them together. */
    readonly transcripts: { readonly stored: number; readonly bytes: number };
  };
  readonly promises: Readonly<Record<PromiseName, Breaches>>;
  readonly acknowledgedMillis: { readonly p50: number; readonly p99: number };
  readonly eventsPerSecond: number;
  readonly seconds: number;
}

export type PromiseName = keyof Verdict | keyof LandedVerdict | 'unexpectedAnswers';

/** Everything a report is made from. */
export interface DemoRun {
  readonly seed: number;
  readonly answers: readonly Answer[];
  readonly expected: ExpectedEffects;
  readonly verdict: Verdict & LandedVerdict;
  readonly landed: Landed;
  readonly repeated: number;
  readonly quarantined: number;
  readonly deadLetters: number;
  readonly leftOnQueue: number;
  /** From the first delivery to the last event. */
  readonly workingMillis: number;
  readonly totalMillis: number;
}

/** Adds a run up. */
export function demoReport(run: DemoRun): DemoReport {
  const { answers, expected, verdict } = run;
  const accepted = answers.filter(({ status }) => status === 200);
  const acceptedEvents = accepted.reduce((sum, answer) => sum + (countsOf(answer)?.events ?? 0), 0);
  const distinct = countEvents(expected.promised);
  const processed = distinct - verdict.lost.length;
  const unexpectedAnswers = answers.filter(isUnexpected).map(describeAnswer);
  const promises = mapValues({ ...verdict, unexpectedAnswers }, breaches);
  const acknowledged = accepted.map(({ attempts }) => attempts.at(-1)?.durationMillis ?? 0);
  return {
    ok: Object.values(promises).every(({ count }) => count === 0),
    seed: run.seed,
    sent: answers.length,
    attempts: answers.reduce((sum, { attempts }) => sum + attempts.length, 0),
    accepted: accepted.length,
    refused: refusals(answers),
    unanswered: answers.filter(({ status }) => status === undefined).length,
    events: {
      ...{ accepted: acceptedEvents, distinct, duplicates: acceptedEvents - distinct },
      ...{ repeated: run.repeated, processed },
    },
    quarantined: run.quarantined,
    deadLetters: run.deadLetters,
    leftOnQueue: run.leftOnQueue,
    landed: landedCounts(run.landed),
    promises,
    acknowledgedMillis: { p50: percentile(acknowledged, 50), p99: percentile(acknowledged, 99) },
    eventsPerSecond: Math.round(processed / (run.workingMillis / 1000)),
    seconds: tenths(run.totalMillis / 1000),
  };
}

function landedCounts({ lake, qaFacts, crm, transcripts }: Landed): DemoReport['landed'] {
  const byDay = Object.groupBy(lake.rows, ({ day }) => day);
  return {
    lake: {
      rows: lake.rows.length,
      files: lake.files,
      bySentiment: mapValues(byDay, (ofDay) =>
        mapValues(
          Object.groupBy(ofDay, ({ sentiment }) => sentiment ?? 'none'),
          (rows) => rows.length,
        ),
      ),
    },
    qaQueues: mapValues(qaFacts, ({ length }) => length),
    crm: {
      outcomes: [...crm.values()].filter((times) => times > 0).length,
      toldAgain: [...crm.values()].filter((times) => times > 1).length,
    },
    transcripts: {
      stored: transcripts.size,
      bytes: [...transcripts.values()].reduce((sum, each) => sum + each, 0),
    },
  };
}

function refusals(answers: readonly Answer[]): DemoReport['refused'] {
  const refused = answers.filter(({ status }) => status !== undefined && status !== 200);
  const byReason = Object.groupBy(refused, reasonOf);
  return { total: refused.length, byReason: mapValues(byReason, (group) => group.length) };
}

function reasonOf({ status, delivery, asExpected }: Answer): string {
  return `${status} ${asExpected ? delivery.expectation.reason : 'unexpected'}`;
}

/** Another status than is right for what was sent, or another count of what was taken and refused. */
function isUnexpected(answer: Answer): boolean {
  const { status, asExpected, delivery } = answer;
  if (!asExpected || status !== 200) return !asExpected;
  const counts = countsOf(answer);
  const { events, refusedItems } = delivery.expectation;
  return counts?.events !== events || counts.refused !== refusedItems;
}

function countsOf({ body }: Answer): { readonly events: number; readonly refused: number } | undefined {
  try {
    return JSON.parse(body) as { events: number; refused: number };
  } catch {
    return undefined;
  }
}

function describeAnswer({ delivery, status, attempts }: Answer): string {
  const { kind, index, expectation } = delivery;
  const outcome = status ?? attempts.at(-1)?.outcome ?? 'nothing';
  return `delivery ${index} (${kind}): ${outcome}, not ${expectation.status} as it should be`;
}

function breaches(broken: readonly string[]): Breaches {
  return { count: broken.length, examples: broken.slice(0, NAMED_AT_MOST) };
}

/** By nearest rank; 0 of nothing. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return tenths(sorted[rank - 1] ?? 0);
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

function mapValues<K extends string, V, W>(
  record: Partial<Readonly<Record<K, V>>>,
  change: (value: V) => W,
): Record<K, W> {
  const entries = Object.entries(record) as [K, V][];
  return Object.fromEntries(entries.map(([key, value]) => [key, change(value)])) as Record<K, W>;
}
