import type { StageConfig } from '@aftercall/infra';
import type { ExitCode } from './cli-error.ts';
import { usage } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import { countStanding, type Standing } from './count-standing.ts';
import { COUNTED } from './counted-figures.ts';
import {
  ASSUMPTIONS,
  type CostEstimate,
  type CostLine,
  type Deployment,
  estimateCost,
  processorBatchOf,
  total,
  type Traffic,
} from './estimate-cost.ts';
import { type PerOutcome, quotaUses, type QuotaUse } from './first-quota.ts';
import { PRICES } from './price-table.ts';
import { table } from './readable.ts';

/** What a laptop would cost on AWS is what the first stage there would. */
const STAGE_OF_LOCAL = 'dev';

/** What would cost less, and how much less. */
interface Lever {
  readonly change: string;
  readonly dollars: number;
}

/** Says what a month of such traffic costs a stage, what would bring it down, and which limit is met first. Asks nobody. */
export async function cost(traffic: Traffic, context: CommandContext): Promise<ExitCode> {
  const { stageNamed, PUBLISHED_FACTS, StageError } = await import('@aftercall/infra');
  const name = context.options.stage === 'local' ? STAGE_OF_LOCAL : context.options.stage;
  try {
    const stage = stageNamed(name);
    const deployment = deploymentOf(stage, PUBLISHED_FACTS, await countStanding(stage));
    const estimate = estimateCost(traffic, deployment, COUNTED);
    const quotas = quotaUses(traffic, limitsOf(stage), perOutcome(traffic, deployment));
    const levers = leversOf(traffic, deployment);
    const oneByOneDollars = oneByOne(traffic, deployment);
    const document = {
      ...{ asOf: PRICES.asOf, region: PRICES.region, stage: name, traffic },
      ...{ dollars: dollarsOf(estimate), lines: estimate, levers, oneByOneDollars, quotas },
    };
    say(context, document, () =>
      readable({ traffic, stage: name, estimate, levers, oneByOneDollars, quotas }, context.colors),
    );
    return 0;
  } catch (error) {
    if (error instanceof StageError) throw usage(error.message, 'name a stage of infra/stages');
    throw error;
  }
}

const deploymentOf = (
  { publishes, crm, lake }: StageConfig,
  all: readonly string[],
  standing: Standing,
): Deployment => ({
  publishes: publishes ?? all,
  crm: crm !== undefined,
  standing,
  lakeWindowSeconds: lake.windowSeconds,
});

/** Each outcome goes to the lake's queue and to the CRM; what a transcript or a violation adds is another fact. */
function perOutcome({ transcripts, violations }: Traffic, { crm }: Deployment): PerOutcome {
  const writes = COUNTED.calls['processor: one outcome'];
  return {
    busCalls: writes['PutEvents'] ?? 0,
    handedOn: 1 + (crm ? 1 : 0) + transcripts + violations,
    // The ledger is written twice, at the claim and at its end; a conversation once.
    writeUnits: 2,
  };
}

/** How much more it is where the processor never has two outcomes at once. */
function oneByOne(traffic: Traffic, deployment: Deployment): number {
  const events = (of: Traffic) => total(estimateCost(of, deployment, COUNTED).events);
  return events({ ...traffic, processorBatch: 1 }) - events(traffic);
}

const limitsOf = ({ ingest, processor }: StageConfig) => ({
  requestsPerSecond: ingest.requestsPerSecond,
  reservedConcurrency: ingest.reservedConcurrency,
  processorConcurrency: processor.maximumConcurrency,
});

const dollarsOf = ({ events, watching, standing }: CostEstimate) => ({
  events: total(events),
  watching: total(watching),
  standing: total(standing),
  all: total([...events, ...watching, ...standing]),
});

const TEN = 10;
const FIVE_MINUTES = 300;

/** Each alone, the largest first; what the stage does already is not among them. */
function leversOf(traffic: Traffic, deployment: Deployment): readonly Lever[] {
  const now = total(estimateCost(traffic, deployment, COUNTED).events);
  const saved = (otherTraffic: Partial<Traffic>, other: Partial<Deployment> = {}) =>
    now - total(estimateCost({ ...traffic, ...otherTraffic }, { ...deployment, ...other }, COUNTED).events);
  const heard = COUNTED.factsPerOutcome.filter((type) => type === 'aftercall.outcome.recorded');
  return [
    { change: 'publishes: only facts that a rule hears', dollars: saved({}, { publishes: heard }) },
    { change: `deliveries of ${TEN} outcomes`, dollars: saved({ batch: Math.max(traffic.batch, TEN) }) },
    {
      change: 'transcripts only where a rule asks for them, half as many',
      dollars: saved({ transcripts: traffic.transcripts / 2 }),
    },
    {
      change: `lake.windowSeconds: ${FIVE_MINUTES}, fewer and larger merges`,
      dollars: saved({}, { lakeWindowSeconds: Math.max(deployment.lakeWindowSeconds, FIVE_MINUTES) }),
    },
  ]
    .filter(({ dollars }) => dollars >= 0.005)
    .toSorted((left, right) => right.dollars - left.dollars);
}

/** What there is to say. */
interface Findings {
  readonly traffic: Traffic;
  readonly stage: string;
  readonly estimate: CostEstimate;
  readonly levers: readonly Lever[];
  readonly oneByOneDollars: number;
  readonly quotas: readonly QuotaUse[];
}

function readable(
  { traffic, stage, estimate, levers, oneByOneDollars, quotas }: Findings,
  colors: CommandContext['colors'],
): string {
  const { events, batch, transcripts, violations } = traffic;
  const dollars = dollarsOf(estimate);
  const [first] = quotas;
  return [
    `A month of ${whole(events)} outcomes, ${batch} in a delivery, ${percent(transcripts)} with a transcript, ${percent(violations)} with violations,`,
    `on stage ${stage}: list prices of ${PRICES.region}, ${PRICES.asOf}, calls as counted; no free tier, no bill.`,
    '',
    linesTable(estimate, colors),
    '',
    `${colors.bold(`${money(dollars.all)} a month`)}: ${money(dollars.events)} with the events (${money((dollars.events / events) * 1e6)} a million), ${money(dollars.watching)} for watching, ${money(dollars.standing)} standing`,
    '',
    levers.length === 0 ? 'Nothing that is known would bring it down.' : 'What would bring it down:',
    ...levers.map(({ change, dollars: less }) => `  − ${money(less)}  ${change}`),
    ...(first
      ? [
          '',
          `The limit that is met first: ${first.quota}, ${percent(first.share)} of it in a busy second; raised by ${first.raise}.`,
        ]
      : []),
    colors.dim(
      `Assumed: batches of ${processorBatchOf(traffic)} in the processor (one by one ${money(oneByOneDollars)} more), ${ASSUMPTIONS.metricSeries} series of metrics, eight hours on 22 days, every other figure in tools/cli/src/estimate-cost.ts.`,
    ),
  ].join('\n');
}

function linesTable({ events, watching, standing }: CostEstimate, colors: CommandContext['colors']): string {
  const rows = [...events, ...watching, ...standing]
    .filter(({ dollars }) => dollars >= 0.005)
    .map(({ service, what, quantity, dollars }: CostLine) => [
      service,
      what,
      whole(quantity),
      money(dollars),
    ]);
  return table(
    [
      { title: 'service', maxCharacters: 16 },
      { title: 'what', maxCharacters: 48 },
      { title: 'a month', maxCharacters: 16, align: 'right' },
      { title: 'dollars', maxCharacters: 10, align: 'right' },
    ],
    rows,
    colors,
  );
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const money = (dollars: number): string => `$${dollars.toFixed(2)}`;
const percent = (share: number): string => `${(100 * share).toFixed(share > 0 && share < 0.01 ? 2 : 0)} %`;
