import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { platformApiAt } from '@aftercall/genesys-simulator';
import type { RemotePlatformControls } from '@aftercall/genesys-simulator';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { eventually } from './eventually.ts';
import { analytics, outcome } from './payloads.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const RULES = {
  defaultDueWithinSeconds: 3_600,
  rules: [
    {
      name: 'card-numbers-spoken',
      match: { code: ['PCI_CARD_SPOKEN'] },
      route: { team: 'fraud', dueWithinSeconds: 900 },
      tag: 'card data spoken',
    },
    {
      name: 'disclosures',
      match: { code: ['DISCLOSURE_MISSING'] },
      route: { team: 'conduct', dueWithinSeconds: 900 },
      tag: 'disclosure missing',
    },
  ],
};

let stage: Stage;
let genesys: RemotePlatformControls;
beforeAll(async () => {
  stage = await startStage();
  genesys = platformApiAt(stage.local.genesys.api);
  const { endpoints, region, ...credentials } = stage.local.aws;
  const s3 = new S3Client({ endpoint: endpoints.s3, region, credentials, forcePathStyle: true });
  const Bucket = stage.local.resources.configBucket;
  await s3.send(
    new PutObjectCommand({ Bucket, Key: 'compliance/rules.json', Body: Buffer.from(JSON.stringify(RULES)) }),
  );
  s3.destroy();
});
afterAll(() => stage.stop());

/** A conversation that Genesys Cloud knows, with an outcome that violates something. */
async function violate(...codes: readonly string[]): Promise<string> {
  const { conversationId } = await genesys.addConversation({});
  const complianceViolations = codes.map((code, index) => ({
    code,
    severity: index === 0 ? 'minor' : 'critical',
  }));
  const body = analytics(`evt-${randomUUID()}`, outcome(conversationId, { complianceViolations }));
  expect((await stage.deliver('main', body)).status).toBe(200);
  return conversationId;
}
const told = (team: string, conversationId: string) =>
  stage.qaMessages(team).filter((message) => message.conversationId === conversationId);

test('a rule’s tag is on the conversation in Genesys Cloud; of two, that of the worst violation', async () => {
  const conversationId = await violate('DISCLOSURE_MISSING', 'PCI_CARD_SPOKEN');
  await eventually(async () => {
    expect(await genesys.externalTags()).toEqual({ [conversationId]: 'card data spoken' });
    expect(told('fraud', conversationId)).toHaveLength(1);
    expect(told('conduct', conversationId)).toHaveLength(1);
  });
});

test('while Genesys Cloud is out of order the team is told, and the tag follows', async () => {
  await genesys.addFault({ fault: { kind: 'status', status: 503 }, on: 'PUT /api/v2/conversations' });
  const conversationId = await violate('DISCLOSURE_MISSING');
  await eventually(() => expect(told('conduct', conversationId)).toHaveLength(1));
  expect(await genesys.externalTags()).not.toHaveProperty([conversationId]);
  await genesys.clearFaults();
  await eventually(async () =>
    expect(await genesys.externalTags()).toHaveProperty([conversationId], 'disclosure missing'),
  );
  expect(told('conduct', conversationId)).toHaveLength(1);
});

test('a conversation that Genesys Cloud does not know is told of all the same', async () => {
  const conversationId = randomUUID();
  const complianceViolations = [{ code: 'PCI_CARD_SPOKEN', severity: 'major' }];
  const body = analytics(`evt-${randomUUID()}`, outcome(conversationId, { complianceViolations }));
  await stage.deliver('main', body);
  await eventually(() => expect(told('fraud', conversationId)).toHaveLength(1));
});
