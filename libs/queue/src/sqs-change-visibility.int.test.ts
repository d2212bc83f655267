import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sqsChangeVisibility } from './sqs-change-visibility.ts';
import { sqsSendBatch } from './sqs-send-batch.ts';
import { startSqs, type SqsTestServer } from './sqs-test-server.ts';

describe('changing the visibility', () => {
  let server: SqsTestServer;

  beforeAll(async () => {
    server = await startSqs();
  });
  afterAll(() => server.close());

  test('brings a message back at once with 0 and keeps it away with more', async () => {
    const queueUrl = server.createQueue('visibility.fifo');
    const changeVisibility = sqsChangeVisibility(server.call, queueUrl);
    await sqsSendBatch(
      server.call,
      queueUrl,
    )([{ entryId: 'e1', body: 'message', groupId: 'g', deduplicationId: 'd', attributes: {} }]);

    const [first] = await server.receive(queueUrl);
    await changeVisibility(first?.ReceiptHandle ?? '', 0);
    const [second] = await server.receive(queueUrl);
    expect(second?.Body).toBe('message');

    await changeVisibility(second?.ReceiptHandle ?? '', 60);
    await expect(server.receive(queueUrl)).resolves.toEqual([]);
  });

  test('throws for a handle that is none', async () => {
    const changeVisibility = sqsChangeVisibility(server.call, server.createQueue('no-handle.fifo'));
    await expect(changeVisibility('not-a-handle', 0)).rejects.toThrow();
  });
});
