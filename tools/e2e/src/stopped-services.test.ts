import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { aftercall } from './command.ts';
import { eventually } from './eventually.ts';
import { genuineHeaders, request } from './http.ts';
import { analytics, outcome, outcomeEventId } from './payloads.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const DELIVERIES = 5;
/** What ingest promises, and slack for a machine that has other work. */
const LONGEST_ANSWER_MILLIS = 2_600 + 400;
/** Longer than the tries of the processor's clients: what was accepted is tried, given back and tried again. */
const OUTAGE_MILLIS = 3_000;
const PATIENCE_SECONDS = 90;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({
    variables: { processor: { BACKOFF_BASE_SECONDS: '1', BACKOFF_MAX_SECONDS: '1' } },
  });
});
afterAll(() => stage.stop());

/** As `npx aftercall local stop|start` does. */
async function order(name: string, what: 'stop' | 'start'): Promise<void> {
  const { body } = await request(`${stage.local.control}/services/${name}/${what}`, {});
  expect(body).toEqual({ service: name, status: what === 'stop' ? 'stopped' : 'running' });
}

async function sendOnce(body: string): Promise<{ readonly status: number; readonly millis: number }> {
  const { url, ...signing } = stage.source('main');
  const startedAt = performance.now();
  const { status } = await request(url, { headers: genuineHeaders(signing, body, 'delivery'), body });
  return { status, millis: performance.now() - startedAt };
}

test.each(['dynamodb', 'events', 's3', 'secretsmanager', 'ssm'])(
  'while %s is stopped ingest answers 200 or 503, in time; afterwards each event has taken effect once',
  async (service) => {
    const events = Array.from({ length: DELIVERIES }, () => ({
      declared: `evt-${randomUUID()}`,
      data: outcome(),
    }));
    await order(service, 'stop');
    const answers = [];
    for (const { declared, data } of events) answers.push(await sendOnce(analytics(declared, data)));
    await pause(OUTAGE_MILLIS);
    await order(service, 'start');
    for (const { status, millis } of answers) {
      expect([200, 503]).toContain(status);
      expect(millis).toBeLessThan(LONGEST_ANSWER_MILLIS);
    }
    // What was refused is its sender's to send again.
    for (const [index, { declared, data }] of events.entries())
      if (answers[index]?.status === 503)
        expect((await stage.deliver('main', analytics(declared, data))).status).toBe(200);
    await eventually(async () => {
      for (const { declared, data } of events) {
        const eventId = outcomeEventId(declared, data);
        expect(await stage.ledgerRow(eventId)).toMatchObject({ status: 'COMPLETED', attempts: 1 });
        expect(await stage.conversation(data.conversationId)).toMatchObject({ revision: 1 });
      }
    }, PATIENCE_SECONDS);
    expect(await stage.deadLetters()).toEqual([]);
  },
  2 * PATIENCE_SECONDS * 1_000,
);

test('the doctor says that the tables do not answer, and looks at everything else', async () => {
  await order('dynamodb', 'stop');
  const { code, result } = await aftercall(stage, 'doctor');
  await order('dynamodb', 'start');
  expect(code).toBe(1);
  const { checks } = result as { readonly checks: readonly Readonly<Record<string, string>>[] };
  const failed = checks.filter(({ verdict }) => verdict === 'fail');
  expect(new Set(failed.map(({ area, detail }) => `${area}: ${detail}`))).toEqual(
    new Set(['set aside: DynamoDB does not answer (ECONNREFUSED)']),
  );
  expect(checks.some(({ area, verdict }) => area === 'queue' && verdict === 'ok')).toBe(true);
});
