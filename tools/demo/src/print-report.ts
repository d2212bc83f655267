import Table from 'cli-table3';
import pc from 'picocolors';
import type { DemoReport, PromiseName } from './demo-report.ts';

type Row = readonly [label: string, value: string, remark: string];

const PROMISES: Readonly<Record<PromiseName, readonly [label: string, remark: string]>> = {
  lost: ['lost', 'accepted, but no completed row, or no fact'],
  doubled: ['doubled', 'took effect under two ids, or once too often'],
  unasked: ['unasked', 'took effect, though nobody sent it'],
  wrongConversations: ['wrong conversations', 'missing, or of another status than was sent'],
  notQuarantined: ['not quarantined', 'refused content of which no copy was kept'],
  notLanded: ['not landed', 'missing in the lake, at the CRM, in a QA queue or in S3'],
  landedTwice: ['landed twice', 'two rows in the lake, or two messages in a QA queue'],
  unexpectedAnswers: ['unexpected answers', 'another answer than the delivery deserves'],
};
const EXAMPLES = 5;

/** No lines, only columns. */
const PLAIN = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid', 'middle'].flatMap((side) =>
    ['', '-mid', '-left', '-right'].map((end) => [`${side}${end}`, '']),
  ),
);
const GAP: [string, string, string] = ['', '', ''];

/** The report for people: at most 100 columns wide. */
export function printReport(report: DemoReport): string {
  const table = new Table({
    colWidths: [28, 12, 59],
    colAligns: ['left', 'right', 'left'],
    style: { head: [], border: [], 'padding-left': 2, 'padding-right': 0 },
    chars: PLAIN,
  });
  table.push(
    GAP,
    ...measured(report),
    GAP,
    ...landed(report),
    GAP,
    ...promised(report),
    GAP,
    ...timed(report),
    GAP,
  );
  return [table.toString().replaceAll(/ +$/gm, ''), ...verdict(report)].join('\n');
}

function measured(report: DemoReport): [string, string, string][] {
  const { refused, events, unanswered, leftOnQueue } = report;
  return [
    row(['sent', count(report.sent), `deliveries, in ${count(report.attempts)} attempts`]),
    row(['accepted', count(report.accepted), `with ${count(events.accepted)} events`]),
    row(['refused', count(refused.total), '']),
    ...Object.entries(refused.byReason).sort().map(refusal),
    ...(unanswered > 0 ? [row(['unanswered', count(unanswered), 'the sender gave up'])] : []),
    row(['duplicates', count(events.duplicates), 'events that came more than once']),
    row(['repeated past the queue', count(events.repeated), 'events more, which only the ledger can stop']),
    row(['quarantined', count(report.quarantined), 'bodies that could not be understood, or not wholly']),
    row(['dead letters', count(report.deadLetters), '']),
    ...(leftOnQueue > 0 ? [row(['left on the queue', count(leftOnQueue), 'when the wait was over'])] : []),
    row(['processed', count(events.processed), `of ${count(events.distinct)} events, each counted once`]),
  ];
}

function refusal([reason, times]: [string, number]): [string, string, string] {
  const [status = '', ...why] = reason.split(' ');
  return [pc.dim(`  ${status}`), pc.dim(count(times)), pc.dim(why.join(' '))];
}

function landed({ landed: { lake, qaQueues, crm, transcripts } }: DemoReport): [string, string, string][] {
  const days = Object.entries(lake.bySentiment).sort();
  const messages = Object.values(qaQueues).reduce((sum, each) => sum + each, 0);
  return [
    row(['rows in the lake', count(lake.rows), `one for each outcome, in ${count(lake.files)} files`]),
    ...days.map(([day, bySentiment]): [string, string, string] => [
      pc.dim(`  ${day}`),
      pc.dim(count(Object.values(bySentiment).reduce((sum, each) => sum + each, 0))),
      pc.dim(listed(bySentiment)),
    ]),
    row(['in QA queues', count(messages), listed(qaQueues)]),
    row([
      'outcomes at the CRM',
      count(crm.outcomes),
      crm.toldAgain > 0 ? `${count(crm.toldAgain)} of them told again, under the same id` : 'each told once',
    ]),
    row([
      'transcripts stored',
      count(transcripts.stored),
      `redacted, ${count(Math.ceil(transcripts.bytes / 1000))} KB in all`,
    ]),
  ];
}

/** `negative 12 · neutral 7`, the most first. */
const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([, left], [, right]) => right - left)
    .map(([name, times]) => `${name} ${count(times)}`)
    .join(' · ');

function promised({ promises }: DemoReport): [string, string, string][] {
  return (Object.keys(PROMISES) as PromiseName[]).map((name) => {
    const [label, remark] = PROMISES[name];
    const broken = promises[name].count;
    const paint = broken === 0 ? pc.green : pc.red;
    return [pc.bold(label), paint(count(broken)), `${paint('must be 0')} ${pc.dim(`· ${remark}`)}`];
  });
}

function timed({ acknowledgedMillis, eventsPerSecond, seconds }: DemoReport): [string, string, string][] {
  return [
    row([
      'acknowledged, p50',
      `${acknowledgedMillis.p50} ms`,
      'with sender, functions and AWS on one machine',
    ]),
    row(['acknowledged, p99', `${acknowledgedMillis.p99} ms`, '']),
    row(['events per second', count(eventsPerSecond), 'from the first delivery to the last fact']),
    row(['seconds', String(seconds), 'in all']),
  ];
}

function row([label, value, remark]: Row): [string, string, string] {
  return [label, value, pc.dim(remark)];
}

function verdict({ ok, promises, seed }: DemoReport): string[] {
  if (ok) return [`  ${pc.green('Every promise was kept.')}`];
  const broken = Object.entries(promises).flatMap(([name, { count: times, examples }]) => [
    ...(times > 0 ? [`  ${name}:`] : []),
    ...examples.slice(0, EXAMPLES).map((example) => `    ${cut(example)}`),
  ]);
  return [
    `  ${pc.red('A promise was broken.')} \`--seed ${seed}\` sends the same deliveries again.`,
    ...broken,
  ];
}

function cut(text: string): string {
  return text.length > 96 ? `${text.slice(0, 95)}…` : text;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
