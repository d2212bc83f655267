import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { LocalJson } from '@aftercall/local';

const POLL_MILLIS = 500;
/** Queues that are empty so often in a row are empty. */
const QUIET_POLLS = 4;
const TIMEOUT_MILLIS = 15 * 60_000;

/**
 * Waits until nothing is on any queue of the pipeline.
 *
 * @returns when the queues were first seen empty, on the clock of `performance.now`
 */
export async function drained({ resources }: LocalJson, sqs: SQSClient): Promise<number> {
  const urls = [resources.eventsQueueUrl, ...Object.values(resources.queueUrls)];
  const deadline = performance.now() + TIMEOUT_MILLIS;
  let emptySince: number | undefined;
  for (let quiet = 0; quiet < QUIET_POLLS; ) {
    if (performance.now() > deadline) throw new Error('the queues are not empty after 15 minutes');
    const counts = await Promise.all(urls.map((url) => messagesOn(url, sqs)));
    const isEmpty = counts.every((each) => each === 0);
    quiet = isEmpty ? quiet + 1 : 0;
    emptySince = isEmpty ? (emptySince ?? performance.now()) : undefined;
    await sleep(POLL_MILLIS);
  }
  return emptySince ?? performance.now();
}

/** How many wait on a queue or are in a consumer's hands. */
export async function messagesOn(QueueUrl: string, sqs: SQSClient): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
  );
  return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
}

const SAMPLE_MILLIS = 1_000;

/** Does the work and says how long the queue was at most meanwhile, looked at once a second. */
export async function longestWhile(
  work: () => Promise<void>,
  { queueUrl, sqs }: { readonly queueUrl: string; readonly sqs: SQSClient },
): Promise<number> {
  const counts: number[] = [];
  const sampling = setInterval(() => {
    messagesOn(queueUrl, sqs).then((count) => counts.push(count), console.error);
  }, SAMPLE_MILLIS);
  await work().finally(() => clearInterval(sampling));
  return Math.max(...counts);
}
