import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { crmEndpointAt } from '@aftercall/genesys-simulator';
import { execFile } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';
import { analytics, fixture, outcome, outcomeEventId } from './payloads.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const AFTERCALL = resolve(import.meta.dirname, '../../cli/bin/aftercall.mjs');

interface BatchItem {
  readonly conversationId: string;
  readonly communicationId: string;
  readonly timestamp: string;
  readonly sentiment?: { readonly overall?: string };
  readonly intents?: readonly { readonly name: string; readonly confidence: number }[];
  readonly complianceViolations?: readonly { readonly code: string; readonly severity: string }[];
}
const BATCH = JSON.parse(fixture('analytics-webhook/batch.json').toString()) as {
  readonly webhookEventId: string;
  readonly data: readonly BatchItem[];
};
const factIdOf = ({ conversationId, communicationId }: BatchItem): string =>
  `main/${BATCH.webhookEventId}#${conversationId}/${communicationId}/aftercall.outcome.recorded`;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
  await stage.deliver('main', fixture('analytics-webhook/batch.json'));
});
afterAll(() => stage.stop());

async function aftercall(...args: readonly string[]): Promise<unknown> {
  const cwd = dirname(stage.stack.logsDirectory);
  const { stdout } = await promisify(execFile)(process.execPath, [AFTERCALL, ...args, '--json'], { cwd });
  return JSON.parse(stdout);
}

const query = (sql: string): Promise<unknown> => aftercall('lake', 'query', sql);

test('a batch is in the lake, each outcome once', async () => {
  await eventually(async () =>
    expect(await aftercall('lake', 'check')).toMatchObject({ rows: BATCH.data.length, duplicates: 0 }),
  );
});

test('what the lake says of sentiments is what the batch says', async () => {
  const labels = BATCH.data.map(({ sentiment }) => sentiment?.overall ?? null);
  const expected = [...Map.groupBy(labels, (label) => label)].map(([label, all]) => ({
    label,
    times: all.length,
  }));
  const rows = await query(
    'SELECT sentiment_label AS label, count(*)::INT AS times FROM outcomes GROUP BY ALL',
  );
  expect(rows).toHaveLength(expected.length);
  expect(rows).toEqual(expect.arrayContaining(expected));
});

test('each violation is in the queue of its team, once, with where in the call it was', async () => {
  const violating = BATCH.data.filter(({ complianceViolations = [] }) => complianceViolations.length > 0);
  await eventually(() => {
    const fraud = stage.qaMessages('fraud');
    expect(fraud.map(({ factId }) => factId).sort()).toEqual(
      violating
        .filter((item) => hasCode(item, 'PCI_CARD_SPOKEN'))
        .map(factIdOf)
        .sort(),
    );
  });
  const told = Object.values(stage.qaMessagesByTeam()).flat();
  expect(new Set(told.map(({ factId }) => factId))).toEqual(new Set(violating.map(factIdOf)));
  expect(told.flatMap(({ violations }) => violations)).toHaveLength(
    violating.flatMap(({ complianceViolations = [] }) => complianceViolations).length,
  );
});

const hasCode = ({ complianceViolations = [] }: BatchItem, code: string): boolean =>
  complianceViolations.some((violation) => violation.code === code);

test('a critical violation is in its queue within ten seconds of being accepted', async () => {
  const critical = outcome(undefined, {
    complianceViolations: [
      { code: 'PCI_CARD_SPOKEN', category: 'payment', severity: 'critical', offsetMs: 1_000 },
    ],
  });
  await stage.deliver('main', analytics('evt-critical', critical));
  const factId = `main/${outcomeEventId('evt-critical', critical)}/aftercall.outcome.recorded`;
  await eventually(
    () =>
      expect(stage.qaMessages('fraud')).toContainEqual(
        expect.objectContaining({ factId, severity: 'critical' }),
      ),
    10,
  );
});

test('the CRM hears of each outcome once, by the id of its fact in a header and in the body', async () => {
  await eventually(async () => {
    const deliveries = await crmEndpointAt(stage.local.crm.url).deliveries();
    const ofBatch = deliveries.filter(({ factId }) => factId.includes(BATCH.webhookEventId));
    expect(ofBatch.map(({ factId }) => factId).sort()).toEqual(BATCH.data.map(factIdOf).sort());
    expect(ofBatch.every(({ accepted }) => accepted === 1)).toBe(true);
    const bodies = ofBatch.map(
      ({ requests: [request] }) => JSON.parse(request?.body ?? '') as { readonly id: string },
    );
    expect(bodies.map(({ id }) => id)).toEqual(ofBatch.map(({ factId }) => factId));
  });
});

test('a correction under a new id is a row of its own, and the latest view shows it', async () => {
  const first = outcome(undefined, { sentiment: { overall: 'negative' }, categories: ['complaint'] });
  const correction = { ...first, sentiment: { overall: 'positive' }, categories: [] };
  await stage.deliver('main', analytics('evt-first', first));
  await stage.deliver(
    'main',
    analytics('evt-correction', { ...correction, timestamp: new Date().toISOString() }),
  );
  const of = `WHERE conversation_id = '${first.conversationId}'`;
  await eventually(async () => {
    expect(await query(`SELECT count(*)::INT AS rows FROM outcomes ${of}`)).toEqual([{ rows: 2 }]);
  });
  expect(await query(`SELECT sentiment_label, categories FROM outcomes_latest ${of}`)).toEqual([
    { sentiment_label: 'positive', categories: ['complaint'] },
  ]);
});

test('an outcome that comes again changes nothing in the lake', async () => {
  const before = await query('SELECT * FROM outcomes ORDER BY event_id');
  await stage.deliver('main', fixture('analytics-webhook/batch.json'));
  await eventually(async () => expect(await stage.eventsQueued()).toBe(0));
  expect(await query('SELECT * FROM outcomes ORDER BY event_id')).toEqual(before);
});
