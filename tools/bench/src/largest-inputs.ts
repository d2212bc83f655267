import { randomBytes } from 'node:crypto';
import type { DeployedFunction } from './deployed-functions.ts';
import { rotationStep } from './first-events.ts';
import type { IdleStage } from './idle-stage.ts';
import { entriesThatFit } from './largest-batch.ts';
import { startLargeGenesys } from './largest-genesys.ts';
import {
  fullLake,
  largestDelivery,
  storedDeliveries,
  worstFacts,
  worstOutcomes,
} from './largest-outcomes.ts';
import { largestDeadLetters, largestPartnerEvents } from './largest-partner-events.ts';

/** The most that a function may be given at once. */
export interface LargestInput {
  readonly app: string;
  /** Short, for a table. */
  readonly what: string;
  /** Makes one anew, because an event has its effect only once, with all that must be there for it. */
  readonly event: () => Promise<object>;
  readonly variables?: Readonly<Record<string, string>>;
  /** Less than the function is given, where work goes on to the end of it and memory is there long before. */
  readonly timeoutSeconds?: number;
}

/** So many small ones take more memory than fewer of the same size together. */
const OUTCOMES = 20_000;

/** Uses the largest inputs of every function, one after the other. */
export async function withLargestInputs(
  stage: IdleStage,
  functionOf: (app: string) => DeployedFunction,
  use: (input: LargestInput) => Promise<void>,
): Promise<void> {
  const genesys = await startLargeGenesys(stage);
  const batchOf = (app: string) => functionOf(app).batchSize ?? 1;
  const { variables } = genesys;
  const count = (outcomes: number) => outcomes.toLocaleString('en');
  const inputs: readonly LargestInput[] = [
    {
      app: 'ingest',
      what: `a delivery of 4.4 MB, ${count(OUTCOMES)} outcomes`,
      event: async () => largestDelivery(stage, OUTCOMES),
    },
    {
      app: 'processor',
      what: `a stored delivery of 4.4 MB, ${count(OUTCOMES)} outcomes`,
      event: () => storedDeliveries(stage, 1, OUTCOMES),
    },
    {
      app: 'processor',
      what: `${batchOf('processor')} of them in a batch`,
      event: () => storedDeliveries(stage, batchOf('processor'), OUTCOMES),
      timeoutSeconds: 15,
    },
    {
      app: 'processor',
      what: `${batchOf('processor')} outcomes of 200 KB`,
      event: () => worstOutcomes(stage, batchOf('processor')),
    },
    {
      app: 'lake-writer',
      what: `${count(batchOf('lake-writer'))} outcomes of 6 KB into two files of 85,000`,
      event: fullLake(stage, batchOf('lake-writer')),
    },
    {
      app: 'compliance-router',
      what: `${batchOf('compliance-router')} outcomes of thousands of violations`,
      event: () => worstFacts(stage, batchOf('compliance-router')),
    },
    {
      app: 'partner-ingest',
      what: `${batchOf('partner-ingest')} events, 6 MB`,
      event: async () => largestPartnerEvents(batchOf('partner-ingest')),
    },
    {
      app: 'dead-letters',
      what: `${batchOf('dead-letters')} letters, 6 MB`,
      event: async () => largestDeadLetters(batchOf('dead-letters')),
    },
    {
      app: 'backfill',
      what: 'a slice of 300 conversations of 50 sessions',
      event: async () => genesys.backfillEvent(),
      variables,
    },
    {
      app: 'transcript-fetcher',
      what: `${batchOf('transcript-fetcher')} transcripts, one of them of 200 MB`,
      event: () => genesys.transcriptEvent(batchOf('transcript-fetcher')),
      variables,
    },
    {
      app: 'secret-rotator',
      what: 'the test of a keyring of 64 KB',
      event: () => rotationStep(stage, withRetiredKeys),
    },
  ];
  try {
    for (const input of inputs) await use(input);
  } finally {
    await genesys.stop();
  }
}

/** What Secrets Manager takes. */
const MAX_SECRET_BYTES = 65_536;

interface Keyring {
  readonly keys: Readonly<Record<string, object>>;
}

/** With as many keys that open and do not seal as fit. */
function withRetiredKeys(current: string): string {
  const keyring = JSON.parse(current) as Keyring;
  const filled = (count: number) => {
    const retired = Array.from({ length: count }, (_, index) => [
      `retired-${index.toString().padStart(5, '0')}`,
      { key: randomBytes(32).toString('base64'), notAfter: '2999-01-01T00:00:00Z' },
    ]);
    return JSON.stringify({
      ...keyring,
      keys: { ...keyring.keys, ...(Object.fromEntries(retired) as Keyring['keys']) },
    });
  };
  return filled(entriesThatFit(MAX_SECRET_BYTES, (count) => filled(count).length));
}
