// The handler of mission document B, with the SDK's calls corrected so that they work: verify, parse, write to DynamoDB, answer.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { createHmac, timingSafeEqual } from 'node:crypto';

interface Payload {
  readonly event_type: string;
  readonly conversation_id: string;
  readonly type?: string;
  readonly state?: string;
  readonly timestamp: string;
  readonly external_contact?: { readonly id?: string };
}

const documents = DynamoDBDocumentClient.from(new DynamoDBClient());
const { GENESYS_WEBHOOK_SECRET: secret = '', CONVERSATIONS_TABLE: TableName } = process.env;

export async function handler({ headers, body = '' }: APIGatewayProxyEventV2) {
  const signature = headers['x-genesys-signature'];
  if (!signature || !isSigned(body, signature))
    return answer(401, { error: 'Unauthorized: Invalid signature' });
  let payload: Payload;
  try {
    payload = JSON.parse(body) as Payload;
  } catch {
    return answer(400, { error: 'Bad Request: Invalid JSON' });
  }
  try {
    await processEvent(payload);
    return answer(200, { success: true, eventId: payload.conversation_id });
  } catch (error) {
    console.error('Processing error:', error);
    return answer(500, { error: 'Internal Server Error' });
  }
}

function isSigned(body: string, signature: string): boolean {
  const calculated = createHmac('sha256', secret).update(body).digest('hex');
  return timingSafeEqual(Buffer.from(signature, 'hex'), Buffer.from(calculated, 'hex'));
}

async function processEvent(payload: Payload): Promise<void> {
  switch (payload.event_type) {
    case 'conversation:created':
      return save(payload, 'active');
    case 'conversation:updated':
      return update(payload);
    case 'conversation:ended':
      return save(payload, 'ended');
    default:
      console.log(`Skipping unsupported event type: ${payload.event_type}`);
  }
}

async function save(payload: Payload, status: string): Promise<void> {
  const Item = {
    conversationId: payload.conversation_id,
    type: payload.type,
    status,
    timestamp: payload.timestamp,
    externalContactId: payload.external_contact?.id ?? 'unknown',
    rawPayload: JSON.stringify(payload),
  };
  await documents.send(new PutCommand({ TableName, Item }));
  console.log(`Saved conversation ${payload.conversation_id}`);
}

async function update({ conversation_id: conversationId, state, timestamp }: Payload): Promise<void> {
  await documents.send(
    new UpdateCommand({
      TableName,
      Key: { conversationId },
      UpdateExpression: 'SET #status = :status, #timestamp = :ts',
      ExpressionAttributeNames: { '#status': 'status', '#timestamp': 'timestamp' },
      ExpressionAttributeValues: { ':status': state, ':ts': timestamp },
    }),
  );
}

const answer = (statusCode: number, body: object) => ({ statusCode, body: JSON.stringify(body) });
