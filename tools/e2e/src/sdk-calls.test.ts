import { expect, test } from '@jest/globals';
import { eventually } from './eventually.ts';
import { analytics, outcome, outcomeEventId } from './payloads.ts';
import { startStage } from './stage.ts';

test('ingest that is told to use the SDK takes deliveries as it does without', async () => {
  const stage = await startStage({ variables: { ingest: { AWS_CALLS: 'sdk' } } });
  try {
    const item = outcome();
    await expect(stage.deliver('main', analytics('evt-sdk', item))).resolves.toMatchObject({ status: 200 });
    await eventually(async () =>
      expect(await stage.ledgerRow(outcomeEventId('evt-sdk', item))).toMatchObject({ status: 'COMPLETED' }),
    );
    expect((await stage.deliver('main', analytics('evt-sdk', item))).status).toBe(200);
  } finally {
    await stage.stop();
  }
});
