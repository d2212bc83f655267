import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { largestBatch, largestText } from './largest-batch.ts';
import { repository } from './repository.ts';
import { givenUp, recordOf } from './sqs-record.ts';

const TOPICS_EVENT = join(repository, 'libs/schemas/src/fixtures/partner-events/topics.json');
const DEAD_LETTER_QUEUE = 'aftercall-local-partner-inbox-dead';

/** A full batch of the recorded event of topics, each of another conversation and with as many topics as fit. */
export const largestPartnerEvents = (batchSize: number): SQSEvent =>
  largestBatch(records(batchSize), batchSize);

/** The same, given up. */
export const largestDeadLetters = (batchSize: number): SQSEvent =>
  largestBatch(
    records(batchSize).map((record) => givenUp(record, DEAD_LETTER_QUEUE)),
    batchSize,
  );

const records = (batchSize: number): readonly SQSRecord[] =>
  Array.from({ length: batchSize }, () => recordOf(largestText(batchSize, topicsEvent(randomUUID()))));

interface Recorded {
  readonly detail: { readonly eventBody: object };
}

function topicsEvent(conversationId: string): (topics: number) => string {
  const recorded = JSON.parse(readFileSync(TOPICS_EVENT, 'utf8')) as Recorded;
  return (count) => {
    const topics = Array.from({ length: count }, (_, index) => {
      const number = index.toString().padStart(5, '0');
      return {
        participant: 'external',
        topicId: `14c7fc1c-85f5-447a-b258-c319f97${number}`,
        topicName: number,
      };
    });
    const eventBody = { ...recorded.detail.eventBody, conversationId, eventTime: Date.now(), topics };
    return JSON.stringify({ ...recorded, id: conversationId, detail: { ...recorded.detail, eventBody } });
  };
}
