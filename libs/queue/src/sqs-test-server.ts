import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient, type Message } from '@aws-sdk/client-sqs';
import type { AwsCall } from '@aftercall/aws-json';
import { sqsCall } from '@aftercall/aws-json/function';
import { startFauxqs } from 'fauxqs';

/** An SQS API for tests, in process. */
export interface SqsTestServer {
  readonly endpoint: string;
  readonly client: SQSClient;
  /** Signed and sent by hand, as functions do. */
  readonly call: AwsCall;
  /** Makes a queue and answers a URL whose host resolves everywhere. */
  readonly createQueue: (name: string) => string;
  /** One receive of up to ten messages, with everything about them. */
  readonly receive: (queueUrl: string) => Promise<readonly Message[]>;
  /** Receives and deletes until nothing is left. */
  readonly drain: (queueUrl: string) => Promise<readonly Message[]>;
  readonly close: () => Promise<void>;
}

/** For servers that check no signature. */
export const LOCAL = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  endpointOf: () => '',
};

const VISIBILITY_SECONDS = '30';

/** Starts fauxqs on a free port. */
export async function startSqs(): Promise<SqsTestServer> {
  const server = await startFauxqs({ port: 0, logger: false });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const client = new SQSClient({ ...LOCAL, endpoint });

  const receive = async (queueUrl: string) => receiveTen(client, queueUrl);
  return {
    endpoint,
    client,
    call: sqsCall(endpoint, { access: LOCAL, maxAttempts: 1, timeoutMillis: 5_000 }),
    createQueue: (name) => {
      const fifo = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
      server.createQueue(name, {
        region: 'eu-west-1',
        attributes: { VisibilityTimeout: VISIBILITY_SECONDS, ...fifo },
      });
      return `${endpoint}/000000000000/${name}`;
    },
    receive,
    drain: async (queueUrl) => {
      const all: Message[] = [];
      for (let some = await receive(queueUrl); some.length > 0; some = await receive(queueUrl)) {
        all.push(...some);
        await Promise.all(some.map((message) => deleteFrom(client, queueUrl, message)));
      }
      return all;
    },
    close: async () => {
      client.destroy();
      await server.stop();
    },
  };
}

/** The string attributes of a received message. */
export function stringAttributesOf({ MessageAttributes: attributes = {} }: Message): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { StringValue: value }]) => [name, value ?? '']),
  );
}

async function receiveTen(client: SQSClient, queueUrl: string): Promise<readonly Message[]> {
  const { Messages: messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
      WaitTimeSeconds: 0,
    }),
  );
  return messages;
}

async function deleteFrom(
  client: SQSClient,
  queueUrl: string,
  { ReceiptHandle: handle }: Message,
): Promise<void> {
  await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: handle }));
}
