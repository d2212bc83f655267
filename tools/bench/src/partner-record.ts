import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { SQSRecord } from 'aws-lambda';
import { repository } from './repository.ts';
import { recordOf } from './sqs-record.ts';

/** The recorded event of a customer who hung up. */
export const PARTNER_EVENT = join(repository, 'libs/schemas/src/fixtures/partner-events/customer-end.json');

/** That event, a moment ago and in another conversation. */
export function partnerRecord(recorded: string): SQSRecord {
  const text = recorded.replaceAll('47eaa099-2cb6-416d-86dc-283cf0480ff9', randomUUID());
  const event = JSON.parse(text) as { readonly detail: { readonly eventBody: object } };
  const eventBody = { ...event.detail.eventBody, eventTime: Date.now() };
  return recordOf(JSON.stringify({ ...event, id: randomUUID(), detail: { ...event.detail, eventBody } }));
}
