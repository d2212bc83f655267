import { randomUUID } from 'node:crypto';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { type PlatformApi, startPlatformApi, TEST_CLIENT } from '@aftercall/genesys-simulator';
import type { SQSEvent } from 'aws-lambda';
import type { IdleStage } from './idle-stage.ts';
import { recordOf, sqsEvent } from './sqs-record.ts';

/** Three pages, which is more than are in memory at once. */
const CONVERSATIONS = 300;
/** Agents that a conversation went through, each with a session of its own. */
const SESSIONS = 50;
const DAY = Date.parse('2026-11-20T00:00:00Z');
const DAY_MILLIS = 86_400_000;
const LARGE_BYTES = 200_000_000;
const USUAL_BYTES = 20_000_000;
const SECRET = 'bench/genesys';

/** A Genesys Cloud of its own, with large conversations and no limit to requests, for the functions that ask it. */
export interface LargeGenesys {
  readonly variables: Readonly<Record<string, string>>;
  /** A slice that goes through all conversations. */
  backfillEvent(): SQSEvent;
  /** So many transcripts at once, one of 200 MB and the others a tenth of that. */
  transcriptEvent(transcripts: number): Promise<SQSEvent>;
  stop(): Promise<void>;
}

export async function startLargeGenesys(stage: IdleStage): Promise<LargeGenesys> {
  const platform = await startPlatformApi({
    seed: 1,
    now: () => new Date(),
    unknownConversations: 'invented',
    requestsPerMinute: 1_000_000,
    conversations: Array.from({ length: CONVERSATIONS }, (_, index) => conversationOf(index)),
    transcripts: { bytes: USUAL_BYTES },
  });
  const SecretString = JSON.stringify(TEST_CLIENT);
  await stage.clients.secrets.send(new CreateSecretCommand({ Name: SECRET, SecretString }));
  const org = { org: 'main', secretName: SECRET, apiBaseUrl: platform.api, loginBaseUrl: platform.login };
  return {
    variables: { GENESYS_ORGS: JSON.stringify([org]) },
    backfillEvent,
    transcriptEvent: (transcripts) => transcriptEvent(stage, platform, transcripts),
    stop: platform.close,
  };
}

const conversationOf = (index: number) => ({
  startedAt: new Date(DAY + index * 60_000),
  endedAt: new Date(DAY + (index + 30) * 60_000),
  communicationIds: Array.from({ length: SESSIONS }, () => randomUUID()),
});

function backfillEvent(): SQSEvent {
  const interval = { from: new Date(DAY).toISOString(), to: new Date(DAY + DAY_MILLIS).toISOString() };
  const request = { kind: 'interval', request: randomUUID(), source: 'backfill', by: 'job', early: 'accept' };
  return sqsEvent(recordOf(JSON.stringify({ ...request, ...interval })));
}

async function transcriptEvent(
  stage: IdleStage,
  platform: PlatformApi,
  transcripts: number,
): Promise<SQSEvent> {
  const facts = Array.from({ length: transcripts }, () => readyFact(randomUUID(), randomUUID()));
  for (const { communicationId } of facts.slice(0, 1))
    platform.setTranscript(communicationId, { bytes: LARGE_BYTES });
  for (const { conversationId } of facts) {
    await stage.clients.documents.send(
      new PutCommand({
        TableName: stage.local.resources.conversationsTable,
        Item: { conversationId, transcripts: [], revision: 1 },
      }),
    );
  }
  return sqsEvent(...facts.map(({ text }) => recordOf(text)));
}

function readyFact(conversationId: string, communicationId: string) {
  const type = 'aftercall.transcript.ready';
  const data = { conversationId, communicationId };
  const time = new Date().toISOString();
  const detail = {
    specversion: '1.0',
    id: conversationId,
    source: 'aftercall',
    type,
    org: 'main',
    time,
    data,
  };
  const text = JSON.stringify({ 'detail-type': type, source: 'aftercall', detail });
  return { conversationId, communicationId, text };
}
