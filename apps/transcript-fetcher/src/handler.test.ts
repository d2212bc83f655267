import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { memoryConsumerCircuits } from '@aftercall/circuit-breaker';
import { type DownloadAnswer, EgressRefusedError, EgressUnavailableError } from '@aftercall/egress';
import {
  type Conversation,
  GenesysAnswerError,
  GenesysRefusedError,
  GenesysUnavailableError,
  type PlatformApi,
  type Recordings,
  type TranscriptUrl,
} from '@aftercall/genesys';
import { createLedger, memoryLedgerStore } from '@aftercall/idempotency';
import { TokenRefusedError } from '@aftercall/oauth';
import type { PermanentError, QueueMessage } from '@aftercall/queue';
import { createVocabulary } from '@aftercall/redaction';
import {
  type Fact,
  type TranscriptRequest,
  validateTranscriptFailed,
  validateTranscriptStored,
} from '@aftercall/schemas';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import type { SQSRecord } from 'aws-lambda';
import type { KnownTranscripts } from './add-transcript-key.ts';
import { enqueueRequests } from './enqueue-requests.ts';
import { createHandler } from './handler.ts';
import { memoryObjects } from './memory-objects.ts';
import { dayOf } from './missing-transcripts.ts';
import {
  answerOf,
  EVENT_TIME,
  outcomeBody,
  readyBody,
  textOf,
  transcriptDocument,
} from './sample-transcripts.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SCHEDULE = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 11 * HOUR];
const KEY = 'transcripts/org=main/c1/m1.json.gz';
const URL_OF_IT = 'https://transcripts.example.com/m1?X-Amz-Signature=secret-signature';

const outage = () => Object.assign(new Error('busy'), { name: 'ThrottlingException' });
const ready: TranscriptUrl = { outcome: 'ready', url: URL_OF_IT };
const notReady: TranscriptUrl = { outcome: 'not-ready' };
const call = { operation: 'transcriptUrl' } as const;

interface Waiting {
  readonly record: SQSRecord;
  visibleAt: number;
}

/** The fetcher with its queue and everything around it in memory, its clock in the test's hand. */
function memoryFetcher({ originals }: { originals: 'dropped' | 'kept' } = { originals: 'dropped' }) {
  const clock = { now: new Date(Date.parse(EVENT_TIME) + 10_000) };
  const now = () => clock.now;
  const queue = new Map<string, Waiting>();
  const objects = memoryObjects();
  const originalObjects = memoryObjects();
  const conversations = new Map<string, KnownTranscripts>([['c1', { transcripts: [], revision: 3 }]]);
  const rows = new Map<string, TranscriptRequest>();
  const facts: Fact[] = [];
  const dead: { message: QueueMessage; error: PermanentError }[] = [];
  const lines: string[] = [];
  const asked: string[] = [];
  const expiries: Date[] = [];
  const platform = {
    transcriptUrl: async (_conversationId: string, _communicationId: string): Promise<TranscriptUrl> => ready,
    recordings: async (): Promise<Recordings> => ({ outcome: 'not-found' }),
    conversationDetails: async (): Promise<Conversation | undefined> => undefined,
  };
  const faults = {
    download: async (_url: string, _signal: AbortSignal): Promise<DownloadAnswer> =>
      answerOf(transcriptDocument()),
    publish: async (): Promise<void> => undefined,
    write: async (): Promise<void> => undefined,
    enqueue: async (): Promise<void> => undefined,
    complete: async (): Promise<void> => undefined,
    putMissing: async (): Promise<void> => undefined,
    commit: async (): Promise<void> => undefined,
    remainingMillis: () => 60_000,
  };
  const write = (line: string) => void lines.push(line);
  const metrics = createMetrics({ function: 'transcript-fetcher', write, now });
  const store = memoryLedgerStore();
  const rowKey = ({ org, conversationId, communicationId = '-', requestedAt }: TranscriptRequest) =>
    `${dayOf(new Date(requestedAt))}|${org}/${conversationId}/${communicationId}`;
  let sent = 0;
  const send = (body: string, run?: string) => {
    const messageId = `m${(sent += 1)}`;
    const attributes = { ApproximateReceiveCount: '0', SentTimestamp: String(clock.now.getTime()) };
    const messageAttributes =
      run === undefined ? {} : { replayrun: { dataType: 'String', stringValue: run } };
    const record = { messageId, receiptHandle: messageId, body, attributes, messageAttributes };
    queue.set(messageId, { record: record as unknown as SQSRecord, visibleAt: clock.now.getTime() });
  };
  const api = {
    transcriptUrl: (conversationId: string, communicationId: string) => {
      asked.push(communicationId);
      return platform.transcriptUrl(conversationId, communicationId);
    },
    recordings: () => platform.recordings(),
    conversationDetails: () => platform.conversationDetails(),
  } as unknown as PlatformApi;
  const circuits = memoryConsumerCircuits(now);
  const handler = createHandler({
    circuits,
    platformApi: (org) => (org === 'nobody' ? undefined : api),
    download: (url, signal) => faults.download(url, signal),
    vocabulary: createVocabulary({ terms: [], numberWords: {} }),
    maxTranscriptBytes: 100_000,
    openTranscriptObject: (key) => {
      const object = objects.open(key);
      return { ...object, commit: async () => (await faults.commit(), object.commit()) };
    },
    openOriginalObject: originals === 'kept' ? (key) => originalObjects.open(key) : undefined,
    transcriptsBucket: 'transcripts',
    readTranscripts: async (key) => conversations.get(key),
    writeTranscripts: async (key, { transcripts, revision }) => {
      await faults.write();
      if (conversations.get(key)?.revision !== revision) return 'moved-on';
      conversations.set(key, { transcripts, revision: revision + 1 });
      return 'written';
    },
    defaultOrg: 'main',
    putMissing: async (request, expiresAt) => {
      await faults.putMissing();
      rows.set(rowKey(request), request);
      expiries.push(expiresAt);
    },
    removeMissing: async (request) => void rows.delete(rowKey(request)),
    missingOf: async function* (day) {
      yield [...rows].filter(([key]) => key.startsWith(day)).map(([, request]) => request);
    },
    retryScheduleSeconds: SCHEDULE,
    giveUpAfterSeconds: 7 * DAY,
    enqueue: enqueueRequests(async (entries) => {
      await faults.enqueue();
      for (const { body } of entries) send(body);
    }),
    publish: async (published) => {
      await faults.publish();
      facts.push(...published);
    },
    ledger: createLedger({
      store: { ...store, complete: async (...claim) => (await faults.complete(), store.complete(...claim)) },
      consumer: 'transcript-fetcher',
      now,
      newOwner: () => crypto.randomUUID(),
      retentionSeconds: 70 * DAY,
    }),
    maxAttempts: 3,
    changeVisibility: async (handle, seconds) => {
      const message = queue.get(handle);
      if (message) message.visibleAt = clock.now.getTime() + seconds * 1000;
    },
    deadLetter: async (message, error) => void dead.push({ message, error }),
    backoff: { baseSeconds: 1, maxSeconds: 60 },
    log: createLogger({ function: 'transcript-fetcher', level: 'debug', destination: { write } }),
    metrics,
    random: () => 0.5,
    now,
  });
  /** Hands out what is visible, once, and answers how much that was. */
  async function poll(): Promise<number> {
    const due = [...queue.values()].filter(({ visibleAt }) => visibleAt <= clock.now.getTime());
    const Records = due.map(({ record }) => {
      const { attributes } = record;
      attributes.ApproximateReceiveCount = String(Number(attributes.ApproximateReceiveCount) + 1);
      return record;
    });
    const context = { getRemainingTimeInMillis: faults.remainingMillis };
    const { batchItemFailures } = await handler({ Records }, context);
    const kept = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const { messageId } of Records) if (!kept.has(messageId)) queue.delete(messageId);
    return Records.length;
  }
  /** Polls until nothing is visible any more. */
  const settle = async () => {
    for (let polls = 0; (await poll()) > 0; polls += 1) if (polls > 50) throw new Error('it does not settle');
  };
  const later = (seconds: number) => void (clock.now = new Date(clock.now.getTime() + seconds * 1000));
  /** Lets the time pass to when the next message shows up; answers how many seconds that was. */
  const next = () => {
    const at = Math.min(...[...queue.values()].map(({ visibleAt }) => visibleAt));
    const seconds = (at - clock.now.getTime()) / 1000;
    later(seconds);
    return seconds;
  };
  const parsed = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const metric = (name: string) => parsed().filter((line) => '_aws' in line && name in line);
  const logged = (level?: string) =>
    parsed().filter((line) => !('_aws' in line) && (level === undefined || line['level'] === level));
  const given = { clock, queue, objects, originalObjects, conversations, rows, facts, dead, lines, asked };
  return { ...given, circuits, expiries, platform, faults, send, poll, settle, later, next, metric, logged };
}

describe('a transcript', () => {
  test('is stored without the card number, noted in its conversation, and told of', async () => {
    const { send, settle, objects, conversations, facts, queue } = memoryFetcher();
    send(outcomeBody());
    await settle();
    expect(textOf(objects.visible.get(KEY))).toBe(
      transcriptDocument().replace('4111 1111 1111 1111', '[card]'),
    );
    expect(conversations.get('c1')).toEqual({ transcripts: [KEY], revision: 4 });
    expect(facts).toMatchObject([
      {
        id: 'main/transcript#c1/m1/aftercall.transcript.stored/m1',
        subject: 'c1',
        time: EVENT_TIME,
        data: { bucket: 'transcripts', key: KEY, phrases: 1, redactions: { card: 1 } },
      },
    ]);
    expect(validateTranscriptStored(facts[0]?.data)).toBe(true);
    expect(queue.size).toBe(0);
  });

  test('that is asked for twice, by an outcome and by the word that it is ready, is fetched once', async () => {
    const { send, settle, facts, asked, conversations, metric } = memoryFetcher();
    send(outcomeBody());
    await settle();
    send(readyBody({ communicationId: 'm1' }));
    send(outcomeBody());
    await settle();
    expect([facts.length, asked.length, conversations.get('c1')?.revision]).toEqual([1, 1, 4]);
    expect(metric('Duplicates')).toMatchObject([{ Duplicates: 2 }]);
  });

  test('of another organisation goes to that organisation’s conversation', async () => {
    const { send, settle, conversations, objects } = memoryFetcher();
    conversations.set('other/c1', { transcripts: ['a', 'z'], revision: 1 });
    send(outcomeBody({}, 'other'));
    await settle();
    const key = 'transcripts/org=other/c1/m1.json.gz';
    expect([...objects.visible.keys()]).toEqual([key]);
    expect(conversations.get('other/c1')?.transcripts).toEqual(['a', key, 'z']);
  });

  test('has a key that no id can lead out of its place', async () => {
    const { send, settle, conversations, objects, faults } = memoryFetcher();
    const ids = { conversation_id: 'a/../b', transcript_communication_id: 'ü #?' };
    conversations.set('a/../b', { transcripts: [], revision: 1 });
    faults.download = async () =>
      answerOf(transcriptDocument({ conversationId: 'a/../b', communicationId: 'ü #?' }));
    send(outcomeBody(ids));
    await settle();
    expect([...objects.visible.keys()]).toEqual(['transcripts/org=main/a%2F..%2Fb/%C3%BC%20%23%3F.json.gz']);
  });

  test('comes compressed or not', async () => {
    const { send, settle, objects, faults } = memoryFetcher();
    faults.download = async () =>
      answerOf(gzipSync(transcriptDocument()), { headers: { 'content-encoding': 'gzip' } });
    send(outcomeBody());
    await settle();
    expect(textOf(objects.visible.get(KEY))).toContain('[card]');
  });

  test('is kept as it came where originals are kept, from the same download', async () => {
    const { send, settle, objects, originalObjects, faults } = memoryFetcher({ originals: 'kept' });
    let downloads = 0;
    faults.download = async () => ((downloads += 1), answerOf(transcriptDocument()));
    send(outcomeBody());
    await settle();
    expect(textOf(originalObjects.visible.get(KEY))).toBe(transcriptDocument());
    expect(textOf(objects.visible.get(KEY))).not.toContain('4111');
    expect(downloads).toBe(1);
  });

  test('that was fetched is counted in bytes and in how long it took since the event', async () => {
    const { send, settle, metric, objects } = memoryFetcher();
    send(outcomeBody());
    await settle();
    expect(metric('TranscriptBytes')).toMatchObject([{ TranscriptBytes: objects.visible.get(KEY)?.length }]);
    expect(metric('TranscriptWait')).toMatchObject([{ TranscriptWait: [10_000] }]);
    expect(metric('Processed')).toHaveLength(1);
  });
});

describe('the communications of an event that names none', () => {
  const listed = (...ids: (string | undefined)[]): Recordings => ({
    outcome: 'listed',
    recordings: ids.map((sessionId) => ({ id: 'r', sessionId, media: 'audio' })),
  });
  const session = (sessionId: string | undefined, isRecorded = true) => ({
    ...{ sessionId, isRecorded, mediaType: 'voice', direction: 'inbound', queueIds: [] },
  });
  const details = (...sessions: ReturnType<typeof session>[]): Conversation => ({
    ...{ conversationId: 'c1', startedAt: new Date(0), endedAt: undefined, originatingDirection: undefined },
    participants: [{ purpose: 'agent', userId: 'u1', sessions }],
  });
  const askedFor = async (recordings: Recordings, known?: Conversation) => {
    const fetcher = memoryFetcher();
    fetcher.platform.recordings = async () => recordings;
    fetcher.platform.conversationDetails = async () => known;
    fetcher.faults.download = async () => answerOf(transcriptDocument({ communicationId: undefined }));
    fetcher.send(readyBody());
    await fetcher.settle();
    // A second message for one communication would find the claim held.
    expect(fetcher.logged('warn')).toEqual([]);
    return fetcher.asked;
  };

  test('are those of its recordings, each once and by itself', async () => {
    expect(await askedFor(listed('m1', 'm2', 'm1'), details(session('m3')))).toEqual(['m1', 'm2']);
  });

  test('leave out recordings of a screen', async () => {
    const screen = { id: 'r', sessionId: 'm9', media: 'screen' };
    expect(await askedFor({ outcome: 'listed', recordings: [screen] }, details(session('m3')))).toEqual([
      'm3',
    ]);
  });

  test('are those of its details where recordings are archived, or not there', async () => {
    const known = details(session('m1'), session('m1'), session('m2', false), session(undefined));
    expect(await askedFor(listed(undefined, undefined), known)).toEqual(['m1']);
    expect(await askedFor({ outcome: 'not-found' }, known)).toEqual(['m1']);
  });

  test('are asked for later while recordings are being transcoded, or nothing is known', async () => {
    expect(await askedFor({ outcome: 'transcoding' }, details(session('m1')))).toEqual([]);
    expect(await askedFor(listed(), undefined)).toEqual([]);
  });

  test('one that fails holds back no other', async () => {
    const { send, settle, platform, objects, faults, queue } = memoryFetcher();
    platform.recordings = async () => listed('m1', 'm2');
    platform.transcriptUrl = async (_conversation, communicationId) =>
      communicationId === 'm1' ? notReady : ready;
    faults.download = async () => answerOf(transcriptDocument({ communicationId: 'm2' }));
    send(readyBody());
    await settle();
    expect([...objects.visible.keys()]).toEqual([KEY.replace('m1', 'm2')]);
    expect(queue.size).toBe(1);
  });
});

describe('a transcript that is not ready', () => {
  test('is asked for by the schedule, then every day, and after a week is told of as failed', async () => {
    const { send, settle, next, later, platform, rows, facts, asked, queue, clock } = memoryFetcher();
    platform.transcriptUrl = async () => notReady;
    const first = clock.now.getTime();
    send(outcomeBody());
    await settle();
    const waits: number[] = [];
    while (queue.size > 0) {
      waits.push(next());
      await settle();
    }
    const due = SCHEDULE.map((seconds) => Math.ceil(seconds * 1.025));
    expect(waits).toEqual(due);
    expect(asked).toHaveLength(8);
    expect([...rows.values()]).toMatchObject([{ communicationId: 'm1', notReady: 8 }]);
    expect(facts).toEqual([]);

    const days: number[] = [];
    while (rows.size > 0) {
      later(DAY);
      send('{"sweep":"daily"}');
      await settle();
      days.push(asked.length);
    }
    expect(days).toEqual([9, 10, 11, 12, 13, 14, 15]);
    expect(clock.now.getTime() - first).toBeGreaterThan(7 * DAY * 1000);
    expect(facts).toMatchObject([
      {
        id: 'main/transcript#c1/m1/aftercall.transcript.failed/m1',
        data: { conversationId: 'c1', communicationId: 'm1', reason: 'not-ready', attempts: 15 },
      },
    ]);
    expect(validateTranscriptFailed(facts[0]?.data)).toBe(true);
    expect(queue.size).toBe(0);
  });

  test('is stored as soon as it is ready, and missing no more', async () => {
    const { send, settle, next, later, platform, rows, facts, queue } = memoryFetcher();
    platform.transcriptUrl = async () => notReady;
    send(outcomeBody());
    await settle();
    while (queue.size > 0) {
      next();
      await settle();
    }
    expect(rows.size).toBe(1);
    platform.transcriptUrl = async () => ready;
    later(DAY);
    send('{"sweep":"daily"}');
    await settle();
    expect([facts[0]?.type, rows.size]).toEqual(['aftercall.transcript.stored', 0]);
  });

  test('and is said to be ready afterwards is fetched at once; the sweep then clears up', async () => {
    const { send, settle, next, later, platform, rows, facts, asked, queue } = memoryFetcher();
    platform.transcriptUrl = async () => notReady;
    send(outcomeBody());
    await settle();
    while (queue.size > 0) {
      next();
      await settle();
    }
    platform.transcriptUrl = async () => ready;
    later(2 * DAY);
    send(readyBody({ communicationId: 'm1' }));
    await settle();
    expect([facts.length, rows.size]).toEqual([1, 1]);
    const calls = asked.length;
    send('{"sweep":"daily"}');
    await settle();
    expect([facts.length, rows.size, asked.length]).toEqual([1, 0, calls]);
  });

  test('waits without a call, without an attempt and without a warning', async () => {
    const { send, settle, poll, later, platform, asked, logged, dead, queue } = memoryFetcher();
    platform.transcriptUrl = async () => notReady;
    send(outcomeBody());
    await settle();
    later(30);
    for (const message of queue.values()) message.visibleAt = 0;
    await poll();
    expect([asked.length, dead.length, queue.size]).toEqual([1, 0, 1]);
    expect(logged('warn')).toEqual([]);
  });

  test('in an outage is neither counted nor given up', async () => {
    const { send, settle, next, platform, dead, queue } = memoryFetcher();
    platform.transcriptUrl = async () => Promise.reject(new GenesysUnavailableError(call, 'failed', 30));
    send(outcomeBody());
    await settle();
    for (let tries = 0; tries < 10; tries += 1) {
      expect(next()).toBe(30);
      await settle();
    }
    platform.transcriptUrl = async () => notReady;
    next();
    await settle();
    expect([dead.length, queue.size]).toEqual([0, 1]);
    expect(next()).toBe(Math.ceil(SCHEDULE[0]! * 1.025));
  });

  test('is forgotten only long after the sweep should have seen it', async () => {
    const { send, settle, next, platform, expiries, queue, clock } = memoryFetcher();
    const first = clock.now.getTime();
    platform.transcriptUrl = async () => notReady;
    send(outcomeBody());
    await settle();
    while (queue.size > 0) {
      next();
      await settle();
    }
    expect((expiries[0]!.getTime() - first) / 1000).toBeGreaterThan((7 + 30) * DAY);
  });

  test('of which no communication is ever known fails by its conversation', async () => {
    const { send, settle, next, later, facts, rows, queue } = memoryFetcher();
    send(readyBody());
    await settle();
    while (queue.size > 0) {
      next();
      await settle();
    }
    for (let days = 0; days < 8; days += 1) {
      later(DAY);
      send('{"sweep":"daily"}');
      await settle();
    }
    expect([rows.size, facts.length]).toEqual([0, 1]);
    expect(facts[0]).toMatchObject({ id: 'main/transcript#c1/-/aftercall.transcript.failed/-' });
    expect(validateTranscriptFailed(facts[0]?.data)).toBe(true);
  });
});

describe('nothing is lost by a crash', () => {
  /** Fails the nth use of each step once, as a crash there would. */
  test.each(['publish', 'write', 'complete', 'commit'] as const)('at %s', async (step) => {
    const { send, settle, next, faults, facts, conversations, objects, queue, dead } = memoryFetcher();
    let isDown = true;
    faults[step] = async () => {
      if (!isDown) return;
      isDown = false;
      throw outage();
    };
    send(outcomeBody());
    await settle();
    while (queue.size > 0) {
      next();
      await settle();
    }
    expect(objects.visible.size).toBe(1);
    expect(conversations.get('c1')).toEqual({ transcripts: [KEY], revision: 4 });
    expect(new Set(facts.map(({ id }) => id)).size).toBe(1);
    expect(dead).toEqual([]);
  });

  test('before the next message is in the queue: this one comes again', async () => {
    const { send, poll, faults, platform, queue } = memoryFetcher();
    platform.transcriptUrl = async () => notReady;
    faults.enqueue = async () => Promise.reject(outage());
    send(outcomeBody());
    await poll();
    expect([...queue.keys()]).toEqual(['m1']);
  });

  test('before the row is written: the message comes again', async () => {
    const { send, settle, next, poll, faults, platform, queue, rows } = memoryFetcher();
    platform.transcriptUrl = async () => notReady;
    send(outcomeBody());
    await settle();
    for (const _wait of SCHEDULE.slice(1)) {
      next();
      await settle();
    }
    faults.putMissing = async () => Promise.reject(outage());
    next();
    await poll();
    expect([queue.size, rows.size]).toEqual([1, 0]);
  });

  test('of the worker: whoever finds the claim waits for its lease, and then does the work', async () => {
    const { send, poll, settle, later, next, faults, facts, queue } = memoryFetcher();
    const stuck = new Promise<void>(() => undefined);
    faults.publish = () => stuck;
    send(outcomeBody());
    void poll();
    await new Promise((resolve) => setTimeout(resolve, 50));
    faults.publish = async () => undefined;
    await poll();
    expect(facts).toEqual([]);
    // It asks again every few seconds, for the other may be done long before.
    expect(next()).toBe(5);
    await poll();
    expect(facts).toEqual([]);
    later(70);
    await settle();
    expect([facts.length, queue.size]).toEqual([1, 0]);
  });
});

describe('a download that', () => {
  /** Tries as often as the message comes; answers what it came to. */
  async function outcomeOf(
    download: (times: number) => Promise<DownloadAnswer>,
    { originals = 'kept' as const } = {},
  ) {
    const fetcher = memoryFetcher({ originals });
    let times = 0;
    fetcher.faults.download = async () => download((times += 1));
    fetcher.send(outcomeBody());
    await fetcher.settle();
    for (let tries = 0; tries < 10 && fetcher.queue.size > 0; tries += 1) {
      fetcher.next();
      await fetcher.settle();
    }
    const { objects, originalObjects, dead, facts, lines, queue } = fetcher;
    expect(objects.visible.size).toBe(facts.length);
    expect(originalObjects.visible.size).toBe(facts.length);
    expect([objects.unfinished(), originalObjects.unfinished()]).toEqual([0, 0]);
    expect(lines.join()).not.toMatch(/secret-signature|4111/);
    const error = dead[0]?.error;
    const letter = error && { reason: error.reason, detail: error.detail, attempts: error.attempts };
    return { times, letter, stored: facts.length, waiting: queue.size };
  }
  const whole = transcriptDocument();
  const effectRefused = (detail: unknown) => ({ reason: 'effect-refused', detail });

  test('finds its URL expired asks for a new one at once', async () => {
    expect(
      await outcomeOf(async (times) => (times === 1 ? answerOf('', { status: 403 }) : answerOf(whole))),
    ).toMatchObject({ times: 2, stored: 1 });
  });

  test.each([403, 302, 400])(
    'is answered %d again and again is given up after three attempts',
    async (status) => {
      const { letter, times } = await outcomeOf(async () => answerOf('', { status }));
      expect(letter).toEqual({ reason: 'retries-exhausted', detail: 'DownloadError', attempts: 3 });
      expect(times).toBe(status === 403 ? 6 : 3);
    },
  );

  test('breaks off begins anew with a fresh URL, and leaves nothing of its first part', async () => {
    const broken = async function* () {
      yield Buffer.from(whole.slice(0, 40));
      throw new EgressUnavailableError('it could not be reached (ECONNRESET)');
    };
    expect(
      await outcomeOf(async (times) => ({ ...answerOf(whole), ...(times === 1 && { body: broken() }) })),
    ).toMatchObject({ times: 2, stored: 1 });
    expect(await outcomeOf(async () => ({ ...answerOf(whole), body: broken() }))).toMatchObject({
      times: 3,
      letter: { reason: 'retries-exhausted', detail: 'DownloadError', attempts: 3 },
    });
  });

  test('ends in the middle of the document is tried again', async () => {
    expect(
      await outcomeOf(async (times) => answerOf(times === 1 ? whole.slice(0, -10) : whole)),
    ).toMatchObject({ times: 2, stored: 1 });
  });

  test('ends in the middle of its gzip is tried again', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const packed = gzipSync(whole);
    expect(
      await outcomeOf(async (times) => answerOf(times === 1 ? packed.subarray(0, -9) : packed, { headers })),
    ).toMatchObject({ times: 2, stored: 1 });
  });

  test('is no JSON from the middle on is a dead letter', async () => {
    const { letter, times } = await outcomeOf(async () => answerOf(whole.replace('"text"', '}}oops')));
    expect(letter).toMatchObject(effectRefused(expect.stringMatching(/invalid-json at byte \d+/)));
    expect(times).toBe(1);
  });

  test.each([
    ['another conversation', { conversationId: 'c2' }],
    ['another communication', { communicationId: 'm2' }],
    ['nobody', { conversationId: undefined }],
  ])('is the transcript of %s is a dead letter, also of the original', async (_case, changes) => {
    const { letter } = await outcomeOf(async () => answerOf(transcriptDocument(changes)));
    expect(letter).toMatchObject(effectRefused('the transcript is that of another communication'));
  });

  test('is too long, or leads into our own network, is a dead letter', async () => {
    const refused = new EgressRefusedError('transcripts.example.com answered with more than 100000 bytes');
    expect((await outcomeOf(async () => Promise.reject(refused))).letter).toMatchObject(
      effectRefused(refused.message),
    );
  });

  test('is small in gzip and too large when it is unpacked is a dead letter', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000, ' '));
    const headers = { 'content-encoding': 'gzip' };
    const { letter } = await outcomeOf(async () => answerOf(bomb, { headers }));
    expect(letter).toMatchObject(effectRefused('the transcript is too-large at byte 100000'));
  });

  test('is compressed in another way is a dead letter', async () => {
    const headers = { 'content-encoding': 'br' };
    expect((await outcomeOf(async () => answerOf(whole, { headers }))).letter).toMatchObject({
      reason: 'effect-refused',
    });
  });

  test.each([
    ['cannot be begun', async () => Promise.reject(new EgressUnavailableError('it could not be reached'))],
    ['is answered 503', async () => answerOf('', { status: 503 })],
  ])('%s is no attempt', async (_case, download) => {
    expect(await outcomeOf(download)).toMatchObject({ letter: undefined, waiting: 1 });
  });

  test('does not end in time is cut off, which counts', async () => {
    const { send, poll, faults, objects, lines } = memoryFetcher();
    const before = Date.now();
    faults.remainingMillis = () => 8_100 - (Date.now() - before);
    faults.download = async (_url, signal) => ({
      ...answerOf(whole),
      body: (async function* () {
        yield Buffer.from(whole.slice(0, 40));
        await new Promise((_resolve, reject) =>
          // As the SDK says it, whatever the reason was.
          signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError'))),
        );
      })(),
    });
    send(outcomeBody());
    await poll();
    expect([objects.visible.size, objects.unfinished()]).toEqual([0, 0]);
    expect(lines.join()).toContain('OutOfTimeError');
  });
});

test('an original that cannot be written leaves no transcript either', async () => {
  const { send, poll, objects, faults, originalObjects, queue } = memoryFetcher({ originals: 'kept' });
  faults.commit = async () => Promise.reject(outage());
  send(outcomeBody());
  await poll();
  expect([objects.visible.size, objects.unfinished(), originalObjects.unfinished()]).toEqual([0, 0, 0]);
  expect(queue.size).toBe(1);
});

describe('what Genesys Cloud refuses', () => {
  test.each([
    ['a permission', new GenesysRefusedError({ ...call, status: 403 }, 'is not allowed: grant a role')],
    ['a token', new GenesysRefusedError({ ...call, status: 401 }, 'was refused with a new token too')],
    ['a secret', new TokenRefusedError('invalid-client', 'the secret is not accepted')],
  ])('for want of %s is tried on, and somebody is told', async (_case, refusal) => {
    const { send, settle, next, platform, dead, logged, facts } = memoryFetcher();
    platform.transcriptUrl = async () => Promise.reject(refusal);
    send(outcomeBody());
    await settle();
    for (let tries = 0; tries < 5; tries += 1) {
      next();
      await settle();
    }
    expect(dead).toEqual([]);
    expect(logged('error')).toHaveLength(6);
    platform.transcriptUrl = async () => ready;
    next();
    await settle();
    expect(facts).toHaveLength(1);
  });

  test.each([
    ['an id that is none', new GenesysRefusedError({ ...call, status: 400 }, 'was refused')],
    ['an answer of another form', new GenesysAnswerError(call, 'was answered with a URL that is none')],
  ])('or says of %s is a dead letter', async (_case, error) => {
    const { send, settle, platform, dead } = memoryFetcher();
    platform.transcriptUrl = async () => Promise.reject(error);
    send(outcomeBody());
    await settle();
    expect(dead[0]?.error).toMatchObject({
      reason: 'effect-refused',
      detail: error.message,
      attempts: 1,
    });
  });
});

describe('a dead letter', () => {
  test.each([
    ['is what nobody can read', '{}', 'bad-schema'],
    ['is what asks for nothing we know', '{"detail-type":"x","detail":{"type":"x"}}', 'unknown-type'],
    ['is what asks of an organisation that is not configured', outcomeBody({}, 'nobody'), 'effect-refused'],
  ])('%s', async (_case, body, reason) => {
    const { send, settle, dead, metric } = memoryFetcher();
    send(body);
    await settle();
    expect(dead.map(({ error }) => error.reason)).toEqual([reason]);
    expect(metric('DeadLettered')).toHaveLength(1);
  });

  test.each([
    ['one communication', outcomeBody()],
    [
      'all of a conversation, each with a message of its own',
      outcomeBody({ transcript_communication_id: null }),
    ],
  ])('that is replayed for %s has three attempts again', async (_case, body) => {
    const { send, settle, next, queue, dead, faults, platform, asked } = memoryFetcher();
    platform.recordings = async () => ({
      outcome: 'listed',
      recordings: [{ id: 'r', sessionId: 'm1', media: 'audio' }],
    });
    faults.download = async () => answerOf('', { status: 400 });
    send(body);
    await settle();
    next();
    await settle();
    queue.clear();
    const before = asked.length;
    send(body, 'run-1');
    await settle();
    while (queue.size > 0) {
      next();
      await settle();
    }
    expect(asked.length - before).toBe(3);
    expect(dead[0]?.error).toMatchObject({ reason: 'retries-exhausted', attempts: 3 });
  });

  test('is what has no conversation, after three attempts', async () => {
    const { send, settle, next, queue, dead, conversations } = memoryFetcher();
    conversations.clear();
    send(outcomeBody());
    await settle();
    while (queue.size > 0) {
      next();
      await settle();
    }
    expect(dead[0]?.error).toMatchObject({ reason: 'retries-exhausted', attempts: 3 });
    expect(conversations.size).toBe(0);
  });

  test('is no longer missing: it would come again every day', async () => {
    const { send, settle, next, later, platform, rows, dead, queue } = memoryFetcher();
    platform.transcriptUrl = async () => notReady;
    send(outcomeBody());
    await settle();
    while (queue.size > 0) {
      next();
      await settle();
    }
    platform.transcriptUrl = async () => Promise.reject(new GenesysAnswerError(call, 'is strange'));
    later(DAY);
    send('{"sweep":"daily"}');
    await settle();
    expect([dead.length, rows.size]).toEqual([1, 0]);
  });
});

test('an outcome without a transcript is nothing to do', async () => {
  const { send, settle, asked, queue, dead } = memoryFetcher();
  send(outcomeBody({ has_transcript: false }));
  await settle();
  expect([asked.length, queue.size, dead.length]).toEqual([0, 0, 0]);
});

test('a conversation lists the lowest hundred of its transcripts, whoever else writes it', async () => {
  const { send, settle, conversations, faults } = memoryFetcher();
  const many = Array.from({ length: 100 }, (_, index) => `transcripts/org=main/c1/z${100 + index}.json.gz`);
  conversations.set('c1', { transcripts: many, revision: 7 });
  let others = 2;
  faults.write = async () => {
    if ((others -= 1) < 0) return;
    const { revision, transcripts } = conversations.get('c1')!;
    conversations.set('c1', { transcripts, revision: revision + 1 });
  };
  send(outcomeBody());
  await settle();
  expect(conversations.get('c1')).toEqual({ transcripts: [KEY, ...many.slice(0, -1)], revision: 10 });
});

test.each(['dynamodb', 'events', 's3', 'genesys/main'])(
  'while %s is known to be down a transcript is held before its claim, and archived after too long',
  async (downstream) => {
    const { circuits, send, poll, later, queue, asked, dead } = memoryFetcher();
    await circuits.open(downstream);
    send(outcomeBody());
    await poll();
    expect([queue.size, asked, dead]).toEqual([1, [], []]);
    later(7_200);
    await poll();
    expect(circuits.archived).toHaveLength(1);
    expect([queue.size, asked]).toEqual([0, []]);
  },
);

test('the Genesys Cloud of one organisation being down holds no other’s transcripts', async () => {
  const { circuits, send, settle, asked } = memoryFetcher();
  await circuits.open('genesys/other');
  send(outcomeBody());
  await settle();
  expect(asked).toHaveLength(1);
});
