import Table from 'cli-table3';
import { type Cell, FAULT_KINDS } from './fault-matrix.ts';
import type { Hunt } from './hunt-mutant.ts';
import type { OutageResult } from './outages.ts';
import type { RetryResult } from './retries.ts';
import type { SchedulesResult } from './run-schedules.ts';
import type { Fault } from './sinks.ts';

/** What the whole suite came to. */
export interface Report {
  readonly matrix: readonly Cell[];
  readonly schedules: SchedulesResult & { readonly seed: number };
  readonly outages: readonly OutageResult[];
  readonly retries: readonly RetryResult[];
  readonly hunts: readonly Hunt[];
}

interface Section {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The sections of the report that have anything to tell. */
export const sectionsOf = (report: Report): readonly Section[] =>
  [matrixOf(report), schedulesOf(report), outagesOf(report), retriesOf(report), mutantsOf(report)].filter(
    ({ rows }) => rows.length > 0,
  );

/** Everything that is wrong, each with what it takes to see it again. */
export function failuresOf({ matrix, schedules, outages, retries, hunts }: Report): readonly string[] {
  const broken = <T extends { readonly faults: readonly Fault[] }>(
    results: readonly T[],
    describe: (result: T) => string,
  ) =>
    results
      .filter(({ faults }) => faults.length > 0)
      .map((result) => `${describe(result)}: ${toldFaults(result.faults)}`);
  return [
    ...broken(
      matrix,
      ({ scenario, kind, index, call }) =>
        `${scenario}, call ${index} (${call.app}: ${call.service} ${call.operation}), ${kind}`,
    ),
    ...broken(
      schedules.failed,
      ({ seed, befell }) =>
        `schedule ${seed} (npm run test:faults -- --only schedules --seed ${seed} --schedules 1), ${befell.join(', ')}`,
    ),
    ...broken(outages, ({ service, weather }) => `${service} ${weather} for half an hour`),
    ...broken(retries, ({ policy, trouble }) => `${policy} sender, ${trouble}`),
    ...hunts.filter(({ faults }) => faults.length === 0).map(({ mutant }) => `nobody noticed that ${mutant}`),
  ];
}

/** How many of them are told; what is wrong once is often wrong in many ways. */
const TOLD = 5;
const toldFaults = (faults: readonly Fault[]): string =>
  faults
    .slice(0, TOLD)
    .map(({ kind, detail }) => `${kind} ${detail}`)
    .join('; ');

/** For a terminal. */
export function terminalReport(report: Report): string {
  return sectionsOf(report)
    .map(({ title, head, rows }) => {
      const table = new Table({ head: [...head], style: { head: [], border: [] } });
      table.push(...rows.map((row) => [...row]));
      return `${title}\n${table.toString()}`;
    })
    .join('\n\n');
}

const BEGIN = '<!-- faults:begin -->';
const END = '<!-- faults:end -->';

/** The document with its tables replaced. @throws Error when it has no place for them */
export function withReport(document: string, report: Report): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the document needs ${BEGIN} and, after it, ${END}`);
  return `${document.slice(0, begin)}${BEGIN}\n\n${markdownReport(report)}\n\n${document.slice(end)}`;
}

function markdownReport(report: Report): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return sectionsOf(report)
    .map(({ title, head, rows }) =>
      [
        `### ${title}`,
        '',
        line(head),
        line(head.map((_cell, index) => (index === 0 ? '---' : '--:'))),
        ...rows.map(line),
      ].join('\n'),
    )
    .join('\n\n');
}

function matrixOf({ matrix }: Report): Section {
  const sums = ['lost', 'doubled', 'late'] as const;
  return {
    title: 'Each call of a scenario, broken in each way',
    head: ['scenario', ...FAULT_KINDS.map((kind) => kind.replace('-', ' ')), ...sums, 'slowest recovery'],
    rows: [...Map.groupBy(matrix, ({ scenario }) => scenario)].map(([scenario, cells]) => [
      scenario,
      ...FAULT_KINDS.map((kind) => count(cells.filter((cell) => cell.kind === kind).length)),
      ...sums.map((kind) =>
        count(cells.filter(({ faults }) => faults.some((fault) => isSuch(fault, kind))).length),
      ),
      minutes(Math.max(...cells.map(({ seconds }) => seconds))),
    ]),
  };
}

/** What is stuck is lost until somebody looks for it; what is changed or out of order has had another effect. */
const isSuch = ({ kind }: Fault, sum: 'lost' | 'doubled' | 'late'): boolean =>
  kind === sum ||
  (sum === 'lost' && kind === 'limbo') ||
  (sum === 'doubled' && (kind === 'changed' || kind === 'overtaken'));

function schedulesOf({ schedules: { run, seed, befell, failed } }: Report): Section {
  return {
    title: 'Random schedules',
    head: ['seeds', 'schedules', 'faults in them', 'lost, doubled or late'],
    rows:
      run === 0 ? [] : [[`${seed} to ${seed + run - 1}`, count(run), count(befell), count(failed.length)]],
  };
}

function outagesOf({ outages }: Report): Section {
  return {
    title: 'Half an hour of a neighbour that is slow (5 s) or down, under load',
    head: [
      'neighbour',
      'deliveries',
      'answered 200',
      'answered 503',
      'anything else',
      'slowest answer',
      'drained after',
      'lost or doubled',
    ],
    rows: outages.map(
      ({ service, weather, deliveries, answers, slowestAnswerMillis, drainSeconds, faults }) => [
        `${service} ${weather}`,
        count(deliveries),
        count(answers['200'] ?? 0),
        count(answers['503'] ?? 0),
        count(
          Object.entries(answers).reduce((sum, [status, n]) => sum + (/^(200|503)$/.test(status) ? 0 : n), 0),
        ),
        `${count(slowestAnswerMillis)} ms`,
        minutes(drainSeconds),
        count(faults.length),
      ],
    ),
  };
}

function retriesOf({ retries }: Report): Section {
  return {
    title: 'Senders that retry',
    head: ['sender', 'trouble', 'deliveries', 'requests', 'lost or doubled'],
    rows: retries.map(({ policy, trouble, deliveries, requests, faults }) => [
      policy,
      trouble,
      count(deliveries),
      count(requests),
      count(faults.length),
    ]),
  };
}

function mutantsOf({ hunts }: Report): Section {
  return {
    title: 'Broken on purpose',
    head: ['what the code does then', 'noticed after runs', 'by what'],
    rows: hunts.map(({ mutant, runs, faults: [fault] }) => [
      mutant,
      count(runs),
      fault?.kind ?? 'NOT NOTICED',
    ]),
  };
}

const count = (n: number): string => n.toLocaleString('en');

const minutes = (seconds: number): string =>
  seconds < 120 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
