import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Benchmark } from './benchmark.ts';
import { withFunction } from './built-function.ts';
import { type DeployedFunction, deployedFunctions } from './deployed-functions.ts';
import { type IdleStage, startIdleStage } from './idle-stage.ts';
import { deliverLargest } from './largest-delivery.ts';
import { type LargestInput, withLargestInputs } from './largest-inputs.ts';
import { ingestPeers, mainSource } from './peers.ts';
import { type Row, sampledRow } from './row.ts';
import { createSender } from './serve-peers.ts';

const benchmark = 'peak-memory';
const PROCESSES = 3;
/** Of what the function is given: the rest is for Lambda's runtime, and for what nobody has thought of. */
const MAX_SHARE = 0.75;
const MAX_INGEST_MEGABYTES = 192;
const MEGABYTE = 1_000_000;

/** The most that each function's process ever holds, with the largest input that it may be given. */
export const peakMemory: Benchmark = {
  name: benchmark,
  run: async () => {
    const functions = deployedFunctions();
    const stage = await startIdleStage();
    try {
      const rows = [await ingestRow(stage, functionOf(functions, 'ingest'))];
      await withLargestInputs(
        stage,
        (app) => functionOf(functions, app),
        async (input) => {
          rows.push(await peakRow(stage, input, functionOf(functions, input.app)));
        },
      );
      assertEach([...functions.keys()], rows);
      return { rows };
    } finally {
      await stage.stop();
    }
  },
};

function functionOf(functions: ReadonlyMap<string, DeployedFunction>, app: string): DeployedFunction {
  const found = functions.get(app);
  if (!found) throw new Error(`the infra has no function ${app}`);
  return found;
}

async function ingestRow(stage: IdleStage, limits: DeployedFunction): Promise<Row> {
  const { ingest } = await ingestPeers(stage);
  const send = await createSender(mainSource(stage).secret);
  const samples: number[] = [];
  for (let process = 0; process < PROCESSES; process += 1)
    samples.push((await deliverLargest(ingest, send, limits)).peakRssBytes);
  return rowOf('ingest: a delivery of 4.4 MB', samples, MAX_INGEST_MEGABYTES);
}

async function peakRow(stage: IdleStage, input: LargestInput, limits: DeployedFunction): Promise<Row> {
  const samples: number[] = [];
  for (let process = 0; process < PROCESSES; process += 1) {
    const event = await input.event();
    const peak = await withFunction(
      stage,
      input.app,
      async (host) => {
        const { payload } = await host.invoke(event);
        assertTaken(input, event, payload);
        return (await host.usage()).peakRssBytes;
      },
      {
        limits: { ...limits, timeoutSeconds: input.timeoutSeconds ?? limits.timeoutSeconds },
        ...(input.variables && { variables: input.variables }),
      },
    );
    samples.push(peak);
  }
  const atMost = input.app === 'ingest' ? MAX_INGEST_MEGABYTES : MAX_SHARE * limits.memoryMegabytes;
  return rowOf(`${input.app}: ${input.what}`, samples, atMost);
}

const rowOf = (measure: string, bytes: readonly number[], atMost: number): Row => ({
  ...sampledRow(
    { benchmark, measure, unit: 'MB' },
    bytes.map((each) => each / MEGABYTE),
  ),
  target: { atMost },
});

/** What is refused takes no memory, and proves nothing; of a batch that takes longer a part may come again. */
function assertTaken({ app, what }: LargestInput, event: object, payload: string): void {
  const { Records = [] } = event as Partial<SQSEvent>;
  const answer = JSON.parse(payload) as Partial<SQSBatchResponse & { readonly statusCode: number }> | null;
  const { statusCode = 200, batchItemFailures = [] } = answer ?? {};
  if (statusCode === 200 && batchItemFailures.length < Math.max(1, Records.length)) return;
  throw new Error(`${app} did not take ${what}: ${payload.slice(0, 200)}`);
}

function assertEach(apps: readonly string[], rows: readonly Row[]): void {
  const missing = apps.filter((app) => !rows.some(({ measure }) => measure.startsWith(`${app}:`)));
  if (missing.length > 0) throw new Error(`nobody says what is large for ${missing.join(', ')}`);
}
