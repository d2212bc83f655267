import { GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { sdkSqs } from '@aftercall/aws-json/sdk-sqs';
import { createEnqueue, type QueueEntry, sqsChangeVisibility, sqsSendBatch } from '@aftercall/queue';

/** The stage's queues by their physical names. */
export function sqsOriginQueues(client: SQSClient) {
  const call = sdkSqs(client);
  const urls = new Map<string, Promise<string>>();
  const urlOf = (name: string): Promise<string> => {
    const url = urls.get(name) ?? lookedUp(client, name);
    urls.set(name, url);
    url.catch(() => urls.delete(name));
    return url;
  };
  return {
    /** @throws UnsentError when the queue does not hold them all */
    send: async (name: string, entries: readonly QueueEntry[]): Promise<void> =>
      createEnqueue(sqsSendBatch(call, await urlOf(name)))(entries),
    changeVisibility: (name: string) => async (receiptHandle: string, seconds: number) =>
      sqsChangeVisibility(call, await urlOf(name))(receiptHandle, seconds),
  };
}

async function lookedUp(client: SQSClient, QueueName: string): Promise<string> {
  const { QueueUrl: url } = await client.send(new GetQueueUrlCommand({ QueueName }));
  if (url === undefined) throw new Error(`SQS answers without the URL of ${QueueName}`);
  return url;
}
