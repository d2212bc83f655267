import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from './eventually.ts';
import { analytics, outcome } from './payloads.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

/** As many failures in a row as open a circuit, and some that come after. */
const VIOLATIONS = 12;
const PATIENCE_SECONDS = 60;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({
    proxied: ['compliance-router'],
    variables: {
      'compliance-router': {
        CIRCUIT_MAX_HELD_SECONDS: '0',
        BACKOFF_BASE_SECONDS: '1',
        BACKOFF_MAX_SECONDS: '1',
      },
    },
  });
});
afterAll(() => stage.stop());

test('what the compliance router cannot tell of for too long is archived, and nothing of it a dead letter', async () => {
  const end = stage.proxy('compliance-router', 'events').fail({ kind: 'unavailable' });
  const sent = Array.from({ length: VIOLATIONS }, (_, index) =>
    outcome(undefined, {
      complianceViolations: [{ code: `PCI_${index}`, category: 'pci', severity: 'critical' }],
    }),
  );
  for (const [index, data] of sent.entries())
    expect((await stage.deliver('main', analytics(`evt-held-${index}`, data))).status).toBe(200);
  await eventually(async () => {
    const rows = await stage.setAsideRows();
    const conversations = rows.map(({ conversationId }) => conversationId);
    expect(conversations.toSorted()).toEqual(sent.map(({ conversationId }) => conversationId).toSorted());
  }, PATIENCE_SECONDS);
  end();
  for (const row of await stage.setAsideRows())
    expect(row).toMatchObject({
      pk: 'archive',
      reason: 'circuit-open',
      queue: 'aftercall-local-compliance',
      source: 'main',
      state: 'OPEN',
    });
  for (const { body } of await stage.setAsideObjects())
    expect(JSON.parse(body.toString())).toMatchObject({ 'detail-type': 'aftercall.outcome.recorded' });
  expect(await stage.deadLettersOf('compliance')).toBe(0);
});
