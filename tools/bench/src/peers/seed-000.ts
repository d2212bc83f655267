// The flow of mission document A in TypeScript: to the queue unverified, under the sender's id, everything in one group.
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

const sqs = new SQSClient();
const { EVENTS_QUEUE_URL: QueueUrl } = process.env;

export async function handler({ body = '{}' }: APIGatewayProxyEventV2) {
  try {
    const payload = JSON.parse(body) as { readonly webhookEventId?: string };
    const webhookId = payload.webhookEventId ?? 'unknown';
    console.log(JSON.stringify({ message: 'Received Genesys webhook', webhookEventId: webhookId }));
    await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: body,
        MessageGroupId: 'analytics-processing',
        MessageDeduplicationId: webhookId,
      }),
    );
    return answer(200, { status: 'accepted' });
  } catch (error) {
    console.error('Ingestion failure', error);
    return answer(500, { status: 'processing_error' });
  }
}

const answer = (statusCode: number, body: object) => ({
  statusCode,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});
