import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { platformApiAt, SENSITIVE_WORDS } from '@aftercall/genesys-simulator';
import type { EventBridgeEvent } from 'aws-lambda';
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { aftercall as runCommand } from './command.ts';
import { eventually } from './eventually.ts';
import { analytics, fixture, fixtureFile, outcome } from './payloads.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

type PartnerEvent = EventBridgeEvent<string, { readonly eventBody: { readonly conversationId: string } }>;
const PARTNER_EVENTS = readdirSync(fixtureFile('partner-events'))
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(fixture(`partner-events/${file}`).toString()) as PartnerEvent);
/** All of it but the two of the blueprint is about one conversation. */
const CONVERSATION = '47eaa099-2cb6-416d-86dc-283cf0480ff9';
const DAY_MILLIS = 86_400_000;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

const aftercall = (...args: readonly string[]) => runCommand(stage, ...args);

describe('what Genesys Cloud pushes through EventBridge', () => {
  beforeAll(async () => {
    for (const event of PARTNER_EVENTS) await stage.putPartnerEvent(event);
  });

  test('is known of every conversation that it is about, and nothing is given up', async () => {
    const told = PARTNER_EVENTS.map(({ detail }) => detail.eventBody.conversationId);
    await eventually(() =>
      expect(new Set(stage.facts().map(({ subject }) => subject))).toEqual(new Set(told)),
    );
    await eventually(async () =>
      expect(await stage.conversation(CONVERSATION)).toMatchObject({ status: 'ended', mediaType: 'voice' }),
    );
    expect(await stage.deadLettersOf('partner-inbox')).toBe(0);
  });

  test('of analytics is a row each in the lake, and one outcome in the latest view', async () => {
    const types = ['categories', 'sentiment', 'topics'].map((part) => ({
      event_type: `genesys.analytics.${part}`,
    }));
    const ofConversation = `conversation_id = '${CONVERSATION}'`;
    await eventually(async () => {
      const rows = `SELECT event_type FROM outcomes WHERE ${ofConversation} ORDER BY 1`;
      expect((await aftercall('lake', 'query', rows)).result).toEqual(types);
    });
    const latest = await aftercall(
      'lake',
      'query',
      `SELECT sentiment_score, topics, categories FROM outcomes_latest WHERE ${ofConversation}`,
    );
    expect(latest.result).toEqual([
      {
        sentiment_score: expect.any(Number),
        topics: ['Refund'],
        categories: expect.arrayContaining(['Disclosure missing']),
      },
    ]);
  });

  test('of a transcript brings the transcript', async () => {
    await eventually(async () => {
      const { transcripts } = { ...(await stage.conversation(CONVERSATION)) };
      expect(transcripts).toEqual([
        expect.stringMatching(`^transcripts/org=main/${CONVERSATION}/.+\\.json\\.gz$`),
      ]);
    });
  });
});

describe('a transcript', () => {
  test('of an outcome is stored without what is personal, and told of once', async () => {
    const withTranscript = outcome(undefined, { transcript: { available: true } });
    await stage.deliver('main', analytics('evt-transcript', withTranscript));
    const [stored] = await eventually(async () => {
      const found = (await stage.transcripts()).filter(({ key }) =>
        key.includes(withTranscript.conversationId),
      );
      expect(found).toHaveLength(1);
      return found;
    });
    const text = gunzipSync(stored?.body ?? '').toString();
    expect(JSON.parse(text)).toMatchObject({ conversationId: withTranscript.conversationId });
    expect(text).toContain('[card]');
    for (const words of SENSITIVE_WORDS) expect(text).not.toContain(words);
  });

  test('that is not there yet is there later', async () => {
    const communicationId = randomUUID();
    const late = outcome(undefined, { communicationId, transcript: { available: true } });
    const platform = platformApiAt(stage.local.genesys.api);
    await platform.setTranscript(communicationId, { readyAfterSeconds: 3 });
    await stage.deliver('main', analytics('evt-late-transcript', late));
    await eventually(async () =>
      expect((await stage.transcripts()).some(({ key }) => key.includes(late.conversationId))).toBe(true),
    );
  });
});

describe('the backfill', () => {
  const yesterday = new Date(Date.now() - DAY_MILLIS).toISOString().slice(0, 10);
  const today = new Date().toISOString().slice(0, 10);

  test('fetches what never came, once, and says that the day is complete', async () => {
    const platform = platformApiAt(stage.local.genesys.api);
    const startedAt = new Date(`${yesterday}T09:00:00Z`);
    const endedAt = new Date(`${yesterday}T09:05:00Z`);
    const { conversationId } = await platform.addConversation({ startedAt, endedAt, mediaType: 'voice' });
    const interval = ['backfill', '--interval', `${yesterday}/${today}`, '--wait'];
    expect((await aftercall(...interval)).code).toBe(0);
    await eventually(() => expect(stage.recordedFacts(conversationId)).toHaveLength(1));
    expect((await aftercall(...interval)).code).toBe(0);
    const { code, result } = await aftercall('completeness', '--date', yesterday);
    expect(result).toMatchObject({ sources: [{ missingCount: 0 }] });
    expect(code).toBe(0);
    expect(new Set(stage.recordedFacts(conversationId).map(({ id }) => id)).size).toBe(1);
  });

  test('names a conversation that speech analytics has nothing of', async () => {
    const platform = platformApiAt(stage.local.genesys.api);
    const startedAt = new Date(`${yesterday}T10:00:00Z`);
    const endedAt = new Date(`${yesterday}T10:05:00Z`);
    const { conversationId } = await platform.addConversation({ startedAt, endedAt, metrics: 'absent' });
    await aftercall('backfill', '--interval', `${yesterday}/${today}`, '--wait');
    const { code, result } = await aftercall('completeness', '--date', yesterday);
    expect(code).toBe(1);
    expect(result).toMatchObject({
      sources: [{ missing: [expect.objectContaining({ conversationId, reason: 'without-metrics' })] }],
    });
  });
});

test('the doctor finds nothing wrong', async () => {
  const { code, result } = await aftercall('doctor');
  expect(result).toMatchObject({ healthy: true });
  expect(code).toBe(0);
});

test('no log holds a token, a secret, a presigned URL or what was said', async () => {
  expect(await stage.leaks()).toEqual([]);
});
