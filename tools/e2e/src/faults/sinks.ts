import { ledgerKey } from '@aftercall/idempotency';
import { readOutcomes } from '@aftercall/lake';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { VirtualQueue } from './virtual-queue.ts';
import { NAME_PREFIX, type VirtualStage } from './virtual-stage.ts';

/** What came of deliveries, read from where others would read it. */
export interface Sinks {
  /** Rows by event id; more than one of an event is a double. */
  readonly lake: ReadonlyMap<string, readonly object[]>;
  /** By key, without what counts writes. */
  readonly conversations: ReadonlyMap<string, object>;
  /** When they were sent, in epoch milliseconds and in order, by QA queue and fact id. */
  readonly violations: ReadonlyMap<string, readonly number[]>;
  /** Requests by fact id. */
  readonly crm: ReadonlyMap<string, number>;
  /** Whether what the bucket has is whole, by key: what is said in it differs with the time. */
  readonly transcripts: ReadonlyMap<string, boolean>;
  /** By key; dead letters, whose keys are never the same, are told by their events. */
  readonly setAside: ReadonlyMap<string, Uint8Array>;
  /** Letters by event; several when the answer to the first was lost. */
  readonly deadLetters: ReadonlyMap<string, number>;
  /** Events that overtook another one of their conversation between queue and bus. */
  readonly overtakers: readonly string[];
  /** Repetitions that a function knows it may have made. */
  readonly possiblyRepeated: number;
  /** What is stuck: claims that nobody completed, messages, dead letters, uploads. */
  readonly limbo: readonly string[];
}

/** What may be wrong with a run, and what it is about. */
export interface Fault {
  readonly kind: 'lost' | 'doubled' | 'changed' | 'overtaken' | 'limbo' | 'late' | 'leaked';
  readonly detail: string;
}

export async function readSinks(stage: VirtualStage): Promise<Sinks> {
  const objects = (bucket: string) => stage.s3.objects(`${NAME_PREFIX}${bucket}`);
  const queued = [...stage.queues.values()];
  const deadLetters = stage.dynamodb.items(`${NAME_PREFIX}set-aside`).filter(({ pk }) => pk === 'dead');
  const qa = queued.filter(({ name }) => /-qa-\w+\.fifo$/.test(name));
  return {
    lake: await rowsIn(objects('lake')),
    conversations: new Map(
      stage.dynamodb
        .items(`${NAME_PREFIX}conversations`)
        .map(({ conversationId, revision: _revision, ...item }) => [String(conversationId), item]),
    ),
    violations: violationsIn(qa),
    crm: counted(
      stage.bus.crm.map(({ factId, headerFactId }) => (factId === headerFactId ? factId : 'two ids')),
    ),
    transcripts: new Map([...objects('transcripts')].map(([key, bytes]) => [key, isWhole(bytes)])),
    setAside: new Map([...objects('set-aside')].filter(([key]) => !key.startsWith('dead/'))),
    deadLetters: counted(deadLetters.map(({ eventId }) => String(eventId))),
    overtakers: overtakersIn(stage),
    possiblyRepeated: metricSum(stage.lines, 'PossiblyRepeated'),
    limbo: [
      ...stage.dynamodb
        .items(`${NAME_PREFIX}ledger`)
        .filter(({ status }) => status !== 'COMPLETED')
        .map(({ pk }) => `claim ${String(pk)}`),
      ...deadLetters
        .filter(({ state }) => state !== 'DONE')
        .map(({ eventId }) => `dead letter ${String(eventId)}`),
      ...queued
        .filter((queue) => !qa.includes(queue))
        .flatMap(({ name, messages }) =>
          messages().map(({ attributes }) => `message in ${name} ${attributes['reason'] ?? ''}`),
        ),
      ...Array.from({ length: stage.s3.unfinished() }, () => 'upload'),
    ],
  };
}

/** What is wrong with what came of a run, in comparison with one that nothing befell. */
export function faultsBetween(expected: Sinks, found: Sinks): readonly Fault[] {
  return [
    ...compared('outcome in the lake', expected.lake, found.lake, (one, other) =>
      isDeepStrictEqual(one[0], other[0]),
    ),
    ...[...found.lake].filter(([, rows]) => rows.length > 1).map(([id]) => fault('doubled', `row of ${id}`)),
    ...compared('conversation', expected.conversations, found.conversations, isDeepStrictEqual),
    ...compared('violation', expected.violations, found.violations),
    ...repeatedViolations(found),
    ...compared('CRM delivery', expected.crm, found.crm),
    ...compared('transcript', expected.transcripts, found.transcripts, isDeepStrictEqual),
    ...compared('set-aside object', expected.setAside, found.setAside),
    ...compared('dead letter', expected.deadLetters, found.deadLetters),
    ...found.overtakers.map((id) => fault('overtaken', `by ${id}`)),
    ...found.limbo.filter((what) => !expected.limbo.includes(what)).map((what) => fault('limbo', what)),
  ];
}

/** For so long a queue recognises what it is sent again. */
const DEDUPLICATION_MILLIS = 5 * 60_000;

/** Beyond what a queue can recognise a repetition is allowed, but must be counted; within it there is none. */
function repeatedViolations({ violations, possiblyRepeated }: Sinks): readonly Fault[] {
  const repeated = [...violations].filter(([, sent]) => sent.length > 1);
  const isTooSoon = (sent: readonly number[]) =>
    sent.some((millis, index) => millis - (sent[index - 1] ?? -Infinity) < DEDUPLICATION_MILLIS);
  // It is counted by fact, and a fact may be for several teams.
  const facts = new Set(repeated.map(([id]) => id.split(' ')[1]));
  const isCounted = facts.size <= possiblyRepeated;
  return repeated
    .filter(([, sent]) => !isCounted || isTooSoon(sent))
    .map(([id]) => fault('doubled', `violation ${id}`));
}

const fault = (kind: Fault['kind'], detail: string): Fault => ({ kind, detail });

function compared<T>(
  what: string,
  expected: ReadonlyMap<string, T>,
  found: ReadonlyMap<string, T>,
  isSame: (one: T, other: T) => boolean = () => true,
): readonly Fault[] {
  const lost = [...expected.keys()].filter((key) => !found.has(key));
  const unwanted = [...found.keys()].filter((key) => !expected.has(key));
  const changed = [...expected].filter(([key, value]) => {
    const other = found.get(key);
    return other !== undefined && !isSame(value, other);
  });
  return [
    ...lost.map((key) => fault('lost', `${what} ${key}`)),
    ...unwanted.map((key) => fault('doubled', `${what} ${key}, which nobody sent`)),
    ...changed.map(([key]) => fault('changed', `${what} ${key}`)),
  ];
}

interface QueuedEvent {
  readonly id: string;
  readonly org: string;
  readonly subject: string;
}

/** No event may be done before one that was queued before it in the same conversation. */
function overtakersIn({ queues, dynamodb }: VirtualStage): readonly string[] {
  const bodies = queues.get(`${NAME_PREFIX}events.fifo`)?.history ?? [];
  const queued = firstOf(
    bodies.map((body) => JSON.parse(body) as QueuedEvent),
    ({ org, id }) => ledgerKey({ consumer: 'processor', org, eventId: id }),
  );
  const done = dynamodb.history(`${NAME_PREFIX}ledger`).filter(({ status }) => status === 'COMPLETED');
  const places = new Map([...firstOf(done, ({ pk }) => String(pk)).keys()].map((pk, place) => [pk, place]));
  const latest = new Map<string, number>();
  return [...queued].flatMap(([pk, { org, subject }]) => {
    const place = places.get(pk);
    if (place === undefined) return [];
    const conversation = `${org}/${subject}`;
    const isOvertaker = place < (latest.get(conversation) ?? -1);
    latest.set(conversation, place);
    return isOvertaker ? [pk] : [];
  });
}

/** Of those with one key, the first; in order. */
function firstOf<T>(list: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, T> {
  const first = new Map<string, T>();
  for (const item of list) if (!first.has(keyOf(item))) first.set(keyOf(item), item);
  return first;
}

function violationsIn(qaQueues: readonly VirtualQueue[]): Sinks['violations'] {
  const messages = qaQueues.flatMap(({ name, messages }) =>
    messages().map(({ body, sentAt }) => ({
      id: `${name} ${(JSON.parse(body) as { factId: string }).factId}`,
      sentMillis: sentAt.getTime(),
    })),
  );
  return new Map(
    [...Map.groupBy(messages, ({ id }) => id)].map(([id, same]) => [
      id,
      same.map(({ sentMillis }) => sentMillis),
    ]),
  );
}

/** `received_at` is when the delivery came that did it, which after a retry is another one. */
async function rowsIn(files: ReadonlyMap<string, Uint8Array>): Promise<Sinks['lake']> {
  const rows = await Promise.all([...files.values()].map((bytes) => readOutcomes(bytes)));
  const stripped = rows.flat().map(({ received_at: _receivedAt, ...row }) => row);
  return Map.groupBy(stripped, ({ org, event_id: id }) => `${org}/${id}`);
}

function counted(keys: readonly string[]): ReadonlyMap<string, number> {
  return new Map([...Map.groupBy(keys, (key) => key)].map(([key, same]) => [key, same.length]));
}

function isWhole(transcript: Uint8Array): boolean {
  try {
    JSON.parse(gunzipSync(transcript).toString());
    return true;
  } catch {
    return false;
  }
}

/** A metric's sum in lines of CloudWatch's embedded format. */
function metricSum(lines: readonly string[], name: string): number {
  return lines
    .filter((line) => line.includes(`"${name}"`))
    .reduce((sum, line) => sum + Number((JSON.parse(line) as Record<string, unknown>)[name] ?? 0), 0);
}
