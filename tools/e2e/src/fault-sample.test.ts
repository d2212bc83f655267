import type { Fault, ProxiedService } from '@aftercall/fault-proxy';
import { seededRandom } from '@aftercall/genesys-simulator';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { eventually } from './eventually.ts';
import { analytics, outcome } from './payloads.ts';
import { type App, type Stage, startStage } from './stage.ts';

/** Another one draws other calls and faults. */
const SEED = 20_261_130;
const CELLS = 8;
/** As many as functions make of one call: all of them share its fate. */
const TRIES = 3;
const APPS: readonly App[] = ['ingest', 'processor', 'compliance-router', 'lake-writer'];
const SERVICES: readonly ProxiedService[] = ['sqs', 'dynamodb', 's3', 'events'];
const KINDS: readonly Fault['kind'][] = ['crash-before', 'crash-after', 'throttle', 'timeout', 'partial'];
/** A back-off, a lease and the visibility of a message, one after the other. */
const PATIENCE_SECONDS = 60;
const TEST_MILLIS = 5 * 60_000;
const BATCHES = new Set(['SendMessageBatch', 'PutEvents']);

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ proxied: APPS });
  // What a function that was stopped had in hand comes again soon.
  await stage.setEventsVisibility(5);
});
afterAll(() => stage.stop());

/** Two outcomes of one conversation, one of them with a violation, and one of another. */
function delivery() {
  const violations = { complianceViolations: [{ code: 'PCI_CARD_SPOKEN', severity: 'critical' }] };
  const first = outcome(randomUUID(), { communicationId: randomUUID(), ...violations });
  const second = outcome(first.conversationId, { communicationId: randomUUID() });
  const data = [first, second, outcome()];
  const declared = `evt-${randomUUID()}`;
  return { declared, data, body: analytics(declared, data) };
}

/** What has come of a delivery, in every sink. */
async function comeOf({ declared, data }: ReturnType<typeof delivery>) {
  const isOurs = (id: string) => id.startsWith(`${declared}#`) || id.startsWith(`main/${declared}#`);
  const conversations = new Set(data.map(({ conversationId }) => conversationId));
  const rows = await stage.lakeRows();
  const ledger = await stage.ledgerRows();
  return {
    lake: rows.filter(({ event_id: id }) => isOurs(id)).length,
    completed: ledger.filter(({ pk, status }) => String(pk).includes(declared) && status === 'COMPLETED')
      .length,
    facts: new Set(stage.facts().flatMap(({ id, type }) => (isOurs(id) && type === RECORDED ? [id] : [])))
      .size,
    told: stage.qaMessages('fraud').filter(({ factId }) => isOurs(factId)).length,
    conversations: (await Promise.all([...conversations].map((id) => stage.conversation(id)))).filter(Boolean)
      .length,
  };
}
const RECORDED = 'aftercall.outcome.recorded';
const EVERYTHING = { lake: 3, completed: 3, facts: 3, told: 1, conversations: 2 };

interface Cell {
  readonly app: App;
  readonly service: ProxiedService;
  readonly operation: string;
  readonly nth: number;
  readonly kind: Fault['kind'];
}

/** Each call that a delivery makes, in each way that it can break. */
function cellsOf(): readonly Cell[] {
  return APPS.flatMap((app) =>
    SERVICES.flatMap((service) => {
      const { calls } = stage.proxy(app, service);
      return [...Map.groupBy(calls, ({ operation }) => operation)].flatMap(([operation, same]) =>
        same.flatMap((_call, index) =>
          KINDS.filter((kind) => kind !== 'partial' || BATCHES.has(operation)).map((kind) => ({
            ...{ app, service, operation, nth: index + 1, kind },
          })),
        ),
      );
    }),
  );
}

function resetProxies(): void {
  for (const app of APPS) for (const service of SERVICES) stage.proxy(app, service).reset();
}

function breakCall({ app, service, operation, nth, kind }: Cell): void {
  const fault = (kind === 'partial' ? { kind, entries: [0] } : { kind }) as Fault;
  for (let attempt = 0; attempt < TRIES; attempt += 1)
    stage.proxy(app, service).fail({ ...fault, operation, nth: nth + attempt });
}

test(
  'a sample of calls, each broken for all its tries, costs no delivery anything and doubles nothing',
  async () => {
    const whole = delivery();
    resetProxies();
    await stage.deliver('main', whole.body);
    await eventually(async () => expect(await comeOf(whole)).toEqual(EVERYTHING));
    const cells = seededRandom(SEED).shuffled(cellsOf()).slice(0, CELLS);
    expect(cells).toHaveLength(CELLS);
    for (const cell of cells) {
      const sent = delivery();
      resetProxies();
      breakCall(cell);
      await stage.deliver('main', sent.body);
      await eventually(
        async () => expect({ cell, ...(await comeOf(sent)) }).toEqual({ cell, ...EVERYTHING }),
        PATIENCE_SECONDS,
      );
    }
    resetProxies();
    expect(await stage.deadLetters()).toEqual([]);
  },
  TEST_MILLIS,
);
