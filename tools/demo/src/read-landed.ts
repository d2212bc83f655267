import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { crmEndpointAt } from '@aftercall/genesys-simulator';
import { readOutcomes } from '@aftercall/lake';
import type { LocalJson } from '@aftercall/local';
import type { DemoClients } from './aws-clients.ts';

/** A row of the lake, as far as the demo shows and judges it. */
export interface LandedRow {
  readonly org: string;
  readonly eventId: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly sentiment: string | null;
  readonly violations: number;
  readonly conversationId: string;
  /** Whether Genesys Cloud has a transcript of it. */
  readonly hasTranscript: boolean;
}

/** Where outcomes have landed: everything that came out at the far end. */
export interface Landed {
  readonly lake: { readonly files: number; readonly rows: readonly LandedRow[] };
  /** The facts that each team's queue tells of, a fact as often as a message tells of it. */
  readonly qaFacts: Readonly<Record<string, readonly string[]>>;
  /** How often the CRM took each fact. */
  readonly crm: ReadonlyMap<string, number>;
  /** Compressed bytes by key. */
  readonly transcripts: ReadonlyMap<string, number>;
}

/** Reads the lake, empties the QA queues, asks the CRM, and lists the transcripts. */
export async function readLanded({ s3, sqs }: DemoClients, { resources, crm }: LocalJson): Promise<Landed> {
  const teams = Object.entries(resources.qaQueueUrls);
  const [lake, qa, deliveries, transcripts] = await Promise.all([
    readLake(s3, resources.lakeBucket),
    Promise.all(teams.map(async ([team, url]) => [team, await factsOn(sqs, url)] as const)),
    crmEndpointAt(crm.url).deliveries(),
    sizesOf(s3, resources.transcriptsBucket, 'transcripts/'),
  ]);
  return {
    lake,
    qaFacts: Object.fromEntries(qa),
    crm: new Map(deliveries.map(({ factId, accepted }) => [factId, accepted])),
    transcripts,
  };
}

async function readLake(s3: S3Client, Bucket: string): Promise<Landed['lake']> {
  const keys = [...(await sizesOf(s3, Bucket, 'outcomes/')).keys()];
  const rows = await Promise.all(
    keys.map(async (Key) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return readOutcomes((await Body?.transformToByteArray()) ?? new Uint8Array());
    }),
  );
  return { files: keys.length, rows: rows.flat().map(landedRow) };
}

async function sizesOf(s3: S3Client, Bucket: string, Prefix: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  let from: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix, ...(from && { ContinuationToken: from }) }),
    );
    for (const { Key = '', Size = 0 } of page.Contents ?? []) sizes.set(Key, Size);
    from = page.NextContinuationToken;
  } while (from !== undefined);
  return sizes;
}

function landedRow(row: Awaited<ReturnType<typeof readOutcomes>>[number]): LandedRow {
  return {
    org: row.org,
    eventId: row.event_id,
    day: row.occurred_at.slice(0, 10),
    sentiment: row.sentiment_label,
    violations: row.violation_count,
    conversationId: row.conversation_id,
    hasTranscript: row.has_transcript,
  };
}

/** A group hands its next message out once the one before is deleted, so the queue is read until nothing comes. */
async function factsOn(sqs: SQSClient, QueueUrl: string): Promise<string[]> {
  const facts: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return facts;
    facts.push(...Messages.map(factIdOf));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}

const factIdOf = ({ Body = '' }: Message): string => (JSON.parse(Body) as { readonly factId: string }).factId;
