import { expect, test } from '@jest/globals';
import { eventually } from './eventually.ts';
import { analytics, outcome, outcomeEventId } from './payloads.ts';
import { startStage } from './stage.ts';

const THROUGH_SDK = { AWS_CALLS: 'sdk' };

test('functions that are told to use the SDK do what they do without', async () => {
  const stage = await startStage({
    variables: {
      ingest: THROUGH_SDK,
      processor: THROUGH_SDK,
      'lake-writer': THROUGH_SDK,
      'compliance-router': THROUGH_SDK,
      'transcript-fetcher': THROUGH_SDK,
    },
  });
  try {
    const item = {
      ...outcome(undefined, { transcript: { available: true } }),
      complianceViolations: [{ code: 'PCI_CARD_SPOKEN', category: 'payment', severity: 'critical' }],
    };
    const eventId = outcomeEventId('evt-sdk', item);
    // Too large for the queue: S3 has it in the meantime.
    const delivery = `${analytics('evt-sdk', item)}${' '.repeat(900_000)}`;
    await expect(stage.deliver('main', delivery)).resolves.toMatchObject({ status: 200 });
    expect(await stage.storedDeliveries()).toHaveLength(1);
    await eventually(async () => {
      expect(await stage.ledgerRow(eventId)).toMatchObject({ status: 'COMPLETED' });
      expect(await stage.conversation(item.conversationId)).toMatchObject({ violationCount: 1 });
      expect((await stage.lakeRows()).map(({ event_id: id }) => id)).toEqual([eventId]);
      expect(Object.values(stage.qaMessagesByTeam()).flat()).toMatchObject([
        { factId: expect.stringContaining(eventId) },
      ]);
      expect((await stage.transcripts()).map(({ key }) => key)).toEqual([
        expect.stringContaining(item.conversationId),
      ]);
    });
    expect((await stage.deliver('main', delivery)).status).toBe(200);
  } finally {
    await stage.stop();
  }
});
