import { buildApp } from 'fauxqs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { REGION } from './identity.ts';
import { listenOnLoopback } from './listen.ts';
import type { StoppableServer } from './listen.ts';

type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;

/** Two services of one emulator, each on a port of its own, so that each can be stopped alone. */
export interface SqsAndS3 {
  readonly sqs: StoppableServer;
  readonly s3: StoppableServer;
  /** When the oldest message of each queue was sent; a queue without one is left out. */
  readonly oldestMessages: () => readonly OldestMessage[];
  readonly close: () => Promise<void>;
}

/** The message of a queue that has waited the longest, in a consumer's hands or not. */
export interface OldestMessage {
  readonly queueName: string;
  readonly sentAtMillis: number;
}

/**
 * SQS and S3 of fauxqs, in process and on the loopback interface (its own `startFauxqs` binds every
 * interface and hands out queue URLs on a host name that need not resolve).
 */
export async function startSqsAndS3(): Promise<SqsAndS3> {
  const stores = await newStores();
  // Without a host, a queue's URL is on the address it was asked for at.
  stores.sqsStore.host = '';
  const app = buildApp({ logger: false, defaultRegion: REGION, stores });
  await app.ready();
  const [sqs, s3] = await Promise.all([listenOnLoopback(app.routing, 0), listenOnLoopback(app.routing, 0)]);
  return {
    sqs: {
      ...sqs,
      stop: async () => {
        await sqs.stop();
        endLongPolls(stores.sqsStore);
      },
    },
    s3,
    oldestMessages: () => [...stores.sqsStore.allQueues()].flatMap(oldestOf),
    close: async () => {
      await Promise.all([sqs.close(), s3.close()]);
      await app.close();
    },
  };
}

/** One by one: a queue may hold more messages than a call takes arguments. */
function oldestOf(queue: ReturnType<Stores['sqsStore']['createQueue']>): readonly OldestMessage[] {
  const { ready, delayed, inflight } = queue.inspectMessages();
  let sentAtMillis = Infinity;
  for (const one of [...ready, ...delayed, ...inflight.map(({ message }) => message)])
    sentAtMillis = Math.min(sentAtMillis, one.sentTimestamp);
  return sentAtMillis === Infinity ? [] : [{ queueName: queue.name, sentAtMillis }];
}

/** A long poll whose caller is gone would still take the next message, which then is nobody's until its visibility ends. */
function endLongPolls(store: Stores['sqsStore']): void {
  for (const queue of store.allQueues()) queue.cancelWaiters();
}

/** fauxqs exports no stores, and without one of our own the queue host cannot be set. */
async function newStores(): Promise<Stores> {
  const packageFile = findPackageJSON('fauxqs', import.meta.url);
  if (packageFile === undefined) throw new Error('fauxqs is not installed: run `npm ci`');
  const load = (path: string): Promise<unknown> =>
    import(pathToFileURL(join(dirname(packageFile), 'dist', path)).href);
  const sqs = (await load('sqs/sqsStore.js')) as { SqsStore: new () => Stores['sqsStore'] };
  const sns = (await load('sns/snsStore.js')) as { SnsStore: new () => Stores['snsStore'] };
  const s3 = (await load('s3/s3Store.js')) as { S3Store: new () => Stores['s3Store'] };
  allowAllOfUnicode((await load('sqs/sqsTypes.js')) as { INVALID_MESSAGE_BODY_CHAR: RegExp });
  return { sqsStore: new sqs.SqsStore(), snsStore: new sns.SnsStore(), s3Store: new s3.S3Store() };
}

/** SQS takes every character of XML 1.0; fauxqs tests code units and so refuses all above U+FFFF, such as emoji. */
function allowAllOfUnicode(types: { readonly INVALID_MESSAGE_BODY_CHAR: RegExp }): void {
  const invalid = /[^\x09\x0A\x0D\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
  Object.assign(types.INVALID_MESSAGE_BODY_CHAR, { test: (text: string) => invalid.test(text) });
}
