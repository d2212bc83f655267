// Genesys Cloud's own client against the simulator: what it takes for Genesys Cloud, ours may take for it too.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import platformClient from 'purecloud-platform-client-v2';
import { type PlatformApi, startPlatformApi, TEST_CLIENT } from '../index.ts';

const period = { count: 30, from: new Date('2026-11-20T00:00:00Z'), to: new Date('2026-11-21T00:00:00Z') };
const interval = '2026-11-20T00:00:00.000Z/2026-11-21T00:00:00.000Z';

let platform: PlatformApi;
beforeAll(async () => {
  platform = await startPlatformApi({ seed: 1, now: () => new Date('2026-11-22T10:00:00Z'), period });
  const client = platformClient.ApiClient.instance;
  const { hostname, port } = new URL(platform.api);
  client.setGateway({ protocol: 'http', host: hostname, port: Number(port) });
  await client.loginClientCredentialsGrant(TEST_CLIENT.clientId, TEST_CLIENT.clientSecret);
});
afterAll(async () => {
  // It watches its configuration file for as long as it is told.
  platformClient.ApiClient.instance.config.live_reload_config = false;
  await platform.close();
});

const analytics = () => new platformClient.AnalyticsApi();
const speech = () => new platformClient.SpeechTextAnalyticsApi();

test('the official client gets metrics', async () => {
  const { conversationId } = platform.addConversation({});
  const metrics = await speech().getSpeechandtextanalyticsConversation(conversationId);
  expect(metrics.conversation?.id).toBe(conversationId);
  expect(metrics.sentimentScore).toBeGreaterThanOrEqual(-1);
  expect(metrics.empathyScores).toHaveLength(1);
});

test('the official client gets a transcript URL, and the transcript is behind it', async () => {
  const { conversationId, communicationIds } = platform.addConversation({});
  const [communicationId = ''] = communicationIds;
  const { url = '' } = await speech().getSpeechandtextanalyticsConversationCommunicationTranscripturl(
    conversationId,
    communicationId,
  );
  expect(await (await fetch(url)).json()).toMatchObject({ conversationId, communicationId });
});

test('the official client sees that a transcript is not there', async () => {
  const { conversationId } = platform.addConversation({});
  await expect(
    speech().getSpeechandtextanalyticsConversationCommunicationTranscripturl(conversationId, 'other'),
  ).rejects.toMatchObject({ status: 404, code: 'resource.not.found' });
});

test('the official client lists recordings', async () => {
  const { conversationId, communicationIds } = platform.addConversation({});
  const recordings = await new platformClient.RecordingApi().getConversationRecordings(conversationId, {
    formatId: 'NONE',
  });
  expect(recordings.map(({ sessionId }) => sessionId)).toEqual(communicationIds);
});

test('the official client queries conversation details', async () => {
  const { conversations = [], totalHits } = await analytics().postAnalyticsConversationsDetailsQuery({
    interval,
    paging: { pageSize: 10, pageNumber: 1 },
  });
  expect(totalHits).toBe(30);
  const [first] = conversations;
  expect(await analytics().getAnalyticsConversationDetails(first?.conversationId ?? '')).toEqual(first);
});

test('the official client runs a details job', async () => {
  const { jobId = '' } = await analytics().postAnalyticsConversationsDetailsJobs({ interval });
  expect((await analytics().getAnalyticsConversationsDetailsJob(jobId)).state).toBe('FULFILLED');
  const first = await analytics().getAnalyticsConversationsDetailsJobResults(jobId, { pageSize: 20 });
  const cursor = first.cursor ?? '';
  const last = await analytics().getAnalyticsConversationsDetailsJobResults(jobId, { pageSize: 20, cursor });
  expect([first.conversations?.length, last.conversations?.length, last.cursor]).toEqual([20, 10, undefined]);
  await analytics().deleteAnalyticsConversationsDetailsJob(jobId);
  await expect(analytics().getAnalyticsConversationsDetailsJob(jobId)).rejects.toMatchObject({ status: 404 });
});

test('the official client asks for categories by id, for topics and for available topics', async () => {
  const { entities: [category] = [] } = await speech().getSpeechandtextanalyticsCategories();
  const ids = [category?.id ?? '', 'nobody'];
  expect((await speech().getSpeechandtextanalyticsCategories({ ids })).entities).toHaveLength(1);
  expect((await speech().getSpeechandtextanalyticsTopics()).entities?.length).toBeGreaterThan(2);
  const topics = await new platformClient.NotificationsApi().getNotificationsAvailabletopics({
    expand: ['transports', 'requiresPermissions'],
  });
  expect(topics.entities?.every(({ transports }) => Array.isArray(transports))).toBe(true);
});

test('the official client sets an external tag', async () => {
  const { conversationId } = platform.addConversation({});
  await new platformClient.ConversationsApi().putConversationTags(conversationId, {
    externalTag: 'critical',
  });
  expect(platform.externalTags()[conversationId]).toBe('critical');
});
