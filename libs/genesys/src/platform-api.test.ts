import { warpedClock } from '@aftercall/oauth';
import { describe, expect, test } from '@jest/globals';
import type { CallBudget } from './index.ts';
import {
  apiBaseUrl,
  createPlatformApi,
  GenesysAnswerError,
  GenesysRefusedError,
  OPERATIONS,
} from './index.ts';

const budget: CallBudget = { remainingMillis: () => Infinity };

/** An API that answers each request in turn, and says what it was asked. */
function setUp(...answers: readonly (readonly [status: number, body?: unknown])[]) {
  const asked: { readonly method: string; readonly path: string; readonly body: unknown }[] = [];
  const api = createPlatformApi({
    baseUrl: 'https://api.example.com',
    tokens: { token: async () => 'token', drop: () => undefined },
    fetch: async (input, { method = '', body } = {}) => {
      const path = new Request(input).url.replace('https://api.example.com', '');
      asked.push({ method, path, body: typeof body === 'string' ? JSON.parse(body) : undefined });
      const [status, answer] = answers[asked.length - 1] ?? [500];
      return new Response(answer === undefined ? null : JSON.stringify(answer), { status });
    },
    clock: warpedClock(),
    random: () => 0,
    onRateLimitRemaining: () => undefined,
  });
  return { api, asked };
}

const DETAILS = {
  conversationId: 'c1',
  conversationStart: '2026-11-20T13:58:01.000Z',
  conversationEnd: '2026-11-20T14:03:27.418Z',
  originatingDirection: 'inbound',
  divisionIds: ['d1'],
  participants: [
    {
      purpose: 'customer',
      participantName: 'Jane Doe',
      attributes: { card: '4111' },
      sessions: [{ sessionId: 's0' }],
    },
    {
      purpose: 'agent',
      userId: 'u1',
      sessions: [
        {
          sessionId: 's1',
          mediaType: 'voice',
          direction: 'inbound',
          recording: true,
          ani: 'tel:+442079460000',
          segments: [{ queueId: 'q1' }, { queueId: 'q2' }, { queueId: 'q1' }, { wrapUpNote: 'angry' }],
        },
      ],
    },
  ],
};

describe('speech analytics of a conversation', () => {
  test('come as sent, without what nobody uses', async () => {
    const { api, asked } = setUp([
      200,
      {
        conversation: { id: 'c1', selfUri: '/x' },
        sentimentScore: -0.37,
        sentimentTrend: -0.05,
        sentimentTrendClass: 'SlightlyDeclining',
        empathyScores: [{ userId: 'u1', score: 42 }],
        participantMetrics: { overtalkCount: 3 },
      },
    ]);
    expect(await api.conversationMetrics('c1', budget)).toEqual({
      conversationId: 'c1',
      sentimentScore: -0.37,
      sentimentTrend: -0.05,
      sentimentTrendClass: 'SlightlyDeclining',
      empathyScores: [{ userId: 'u1', score: 42 }],
    });
    expect(asked[0]?.path).toBe('/api/v2/speechandtextanalytics/conversations/c1');
  });

  test('may be missing, in part or whole, or be of another form: then they are absent', async () => {
    const { api } = setUp(
      [200, { sentimentScore: 'high', sentimentTrend: null, empathyScores: {} }],
      [404, {}],
    );
    expect(await api.conversationMetrics('c1', budget)).toEqual({
      conversationId: undefined,
      sentimentScore: undefined,
      sentimentTrend: undefined,
      sentimentTrendClass: undefined,
      empathyScores: [],
    });
    expect(await api.conversationMetrics('c1', budget)).toBeUndefined();
  });
});

describe('a transcript', () => {
  test('is where the URL says', async () => {
    const { api, asked } = setUp([200, { url: 'https://bucket.s3.amazonaws.com/t?X-Amz-Signature=1' }]);
    expect(await api.transcriptUrl('c1', 's1', budget)).toEqual({
      outcome: 'ready',
      url: 'https://bucket.s3.amazonaws.com/t?X-Amz-Signature=1',
    });
    expect(asked[0]?.path).toBe(
      '/api/v2/speechandtextanalytics/conversations/c1/communications/s1/transcripturl',
    );
  });

  test.each([404, 202])('is not ready when the answer is %d', async (status) => {
    const { api } = setUp([status, {}]);
    expect(await api.transcriptUrl('c1', 's1', budget)).toEqual({ outcome: 'not-ready' });
  });

  test.each([[{}], [{ url: '' }], [{ url: 7 }], [{ url: 'not a URL' }]])(
    'whose answer is %j is reported',
    async (body) => {
      const { api } = setUp([200, body]);
      await expect(api.transcriptUrl('c1', 's1', budget)).rejects.toThrow(GenesysAnswerError);
    },
  );
});

describe('recordings', () => {
  test('are listed with their sessions, and without one when they are archived', async () => {
    const { api, asked } = setUp([
      200,
      [{ id: 'r1', sessionId: 's1', media: 'audio', path: '/x' }, { id: 'r2' }],
    ]);
    expect(await api.recordings('c1', budget)).toEqual({
      outcome: 'listed',
      recordings: [
        { id: 'r1', sessionId: 's1', media: 'audio' },
        { id: 'r2', sessionId: undefined, media: undefined },
      ],
    });
    expect(asked[0]?.path).toBe('/api/v2/conversations/c1/recordings?formatId=NONE');
  });

  test('may be transcoding, or not there', async () => {
    const { api } = setUp([202], [404, { code: 'resource.not.found' }]);
    expect(await api.recordings('c1', budget)).toEqual({ outcome: 'transcoding' });
    expect(await api.recordings('c1', budget)).toEqual({ outcome: 'not-found' });
  });
});

describe('conversation details', () => {
  test('hold who took part in what, and nothing personal', async () => {
    const { api, asked } = setUp([200, DETAILS]);
    const details = await api.conversationDetails('c1', budget);
    expect(details).toEqual({
      conversationId: 'c1',
      startedAt: new Date('2026-11-20T13:58:01.000Z'),
      endedAt: new Date('2026-11-20T14:03:27.418Z'),
      originatingDirection: 'inbound',
      participants: [
        {
          purpose: 'customer',
          userId: undefined,
          sessions: [
            { sessionId: 's0', mediaType: undefined, direction: undefined, isRecorded: false, queueIds: [] },
          ],
        },
        {
          purpose: 'agent',
          userId: 'u1',
          sessions: [
            {
              sessionId: 's1',
              mediaType: 'voice',
              direction: 'inbound',
              isRecorded: true,
              queueIds: ['q1', 'q2'],
            },
          ],
        },
      ],
    });
    expect(JSON.stringify(details)).not.toMatch(/Jane|4111|\+44|angry/);
    expect(asked[0]?.path).toBe('/api/v2/analytics/conversations/c1/details');
  });

  test('may not be there', async () => {
    const { api } = setUp([404, {}]);
    expect(await api.conversationDetails('c1', budget)).toBeUndefined();
  });

  test.each([
    ['an id', { ...DETAILS, conversationId: undefined }, '/conversationId'],
    ['a start', { ...DETAILS, conversationStart: undefined }, '/conversationStart'],
    ['a start that is a time', { ...DETAILS, conversationStart: 'yesterday' }, '/conversationStart'],
    ['a start that exists', { ...DETAILS, conversationStart: '2026-13-45T00:00:00Z' }, '/conversationStart'],
  ])('without %s are reported with the place and not the value', async (_case, body, pointer) => {
    const { api } = setUp([200, body]);
    await expect(api.conversationDetails('c1', budget)).rejects.toThrow(
      `conversationDetails was answered without ${pointer} (200)`,
    );
  });
});

describe('a query of details', () => {
  const filter = {
    from: new Date('2026-11-20T00:00:00Z'),
    to: new Date('2026-11-21T00:00:00Z'),
    mediaTypes: ['voice', 'chat'],
  };

  test('has the body that the API takes', async () => {
    const { api, asked } = setUp([200, { conversations: [DETAILS], totalHits: 101 }]);
    const page = await api.queryDetails(filter, { pageNumber: 2, pageSize: 100 }, budget);
    expect(page.totalHits).toBe(101);
    expect(page.conversations.map(({ conversationId }) => conversationId)).toEqual(['c1']);
    expect(asked[0]).toEqual({
      method: 'POST',
      path: '/api/v2/analytics/conversations/details/query',
      body: {
        interval: '2026-11-20T00:00:00.000Z/2026-11-21T00:00:00.000Z',
        order: 'asc',
        orderBy: 'conversationStart',
        paging: { pageNumber: 2, pageSize: 100 },
        conversationFilters: [
          {
            type: 'and',
            predicates: [{ type: 'dimension', dimension: 'conversationEnd', operator: 'exists' }],
          },
        ],
        segmentFilters: [
          {
            type: 'or',
            predicates: [
              { type: 'dimension', dimension: 'mediaType', operator: 'matches', value: 'voice' },
              { type: 'dimension', dimension: 'mediaType', operator: 'matches', value: 'chat' },
            ],
          },
        ],
      },
    });
  });

  test('for all media has no filter for them', async () => {
    const { api, asked } = setUp([200, {}]);
    expect(
      await api.queryDetails({ ...filter, mediaTypes: [] }, { pageNumber: 1, pageSize: 100 }, budget),
    ).toEqual({
      conversations: [],
      totalHits: 0,
    });
    expect(asked[0]?.body).not.toHaveProperty('segmentFilters');
  });

  test('in bad items is reported with the place', async () => {
    const { api } = setUp([200, { conversations: [DETAILS, null], totalHits: 2 }]);
    await expect(api.queryDetails(filter, { pageNumber: 1, pageSize: 100 }, budget)).rejects.toThrow(
      'without /conversations/1/conversationId',
    );
  });
});

describe('a details job', () => {
  const filter = { from: new Date(0), to: new Date(1_000), mediaTypes: [] };

  test('is made, watched, read page by page, and deleted', async () => {
    const { api, asked } = setUp(
      [202, { jobId: 'j1' }],
      [200, { state: 'PENDING' }],
      [200, { state: 'FULFILLED' }],
      [200, { conversations: [DETAILS], cursor: 'next', dataAvailabilityDate: '2026-11-20T20:00:00.000Z' }],
      [200, {}],
      [204],
      [404, {}],
    );
    expect(await api.createDetailsJob(filter, budget)).toBe('j1');
    expect(await api.detailsJob('j1', budget)).toEqual({ state: 'PENDING', errorMessage: undefined });
    expect((await api.detailsJob('j1', budget))?.state).toBe('FULFILLED');
    const first = await api.detailsJobResults('j1', { cursor: undefined, pageSize: 500 }, budget);
    expect(first).toMatchObject({ cursor: 'next', dataAvailableUntil: new Date('2026-11-20T20:00:00Z') });
    expect(await api.detailsJobResults('j1', { cursor: 'next', pageSize: 500 }, budget)).toEqual({
      conversations: [],
      cursor: undefined,
      dataAvailableUntil: undefined,
    });
    await api.deleteDetailsJob('j1', budget);
    await api.deleteDetailsJob('j1', budget);
    expect(
      asked.map(
        ({ method, path }) => `${method} ${path.replace('/api/v2/analytics/conversations/details', '')}`,
      ),
    ).toEqual([
      'POST /jobs',
      'GET /jobs/j1',
      'GET /jobs/j1',
      'GET /jobs/j1/results?pageSize=500',
      'GET /jobs/j1/results?pageSize=500&cursor=next',
      'DELETE /jobs/j1',
      'DELETE /jobs/j1',
    ]);
    expect(asked[0]?.body).not.toHaveProperty('paging');
  });

  test.each([
    ['FAILED', 'FAILED'],
    ['EXPIRED', 'EXPIRED'],
    ['queued', 'QUEUED'],
    ['SOMETHING_NEW', 'PENDING'],
  ])('in state %s is %s', async (sent, state) => {
    const { api } = setUp([200, { state: sent, errorMessage: 'why' }]);
    expect(await api.detailsJob('j1', budget)).toEqual({ state, errorMessage: 'why' });
  });

  test('that is gone is undefined, and has no results', async () => {
    const { api } = setUp([404, {}], [404, {}]);
    expect(await api.detailsJob('j1', budget)).toBeUndefined();
    await expect(api.detailsJobResults('j1', { cursor: undefined, pageSize: 1 }, budget)).rejects.toThrow(
      GenesysRefusedError,
    );
  });

  test('whose cursor leads to the same page again is reported, not followed for ever', async () => {
    const { api } = setUp([200, { conversations: [DETAILS], cursor: 'same' }]);
    await expect(api.detailsJobResults('j1', { cursor: 'same', pageSize: 1 }, budget)).rejects.toThrow(
      'with the cursor that was asked for',
    );
  });

  test('reads a data lake that is complete until a date', async () => {
    const { api } = setUp([200, { dataAvailabilityDate: '2026-11-20T20:00:00.000Z' }], [200, {}]);
    expect(await api.detailsAvailableUntil(budget)).toEqual(new Date('2026-11-20T20:00:00Z'));
    await expect(api.detailsAvailableUntil(budget)).rejects.toThrow('without /dataAvailabilityDate');
  });
});

describe('names', () => {
  test('of categories are asked for 25 at a time, each once', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `id-${index}`);
    const listing = (from: number) => ({
      entities: [{ id: `id-${from}`, name: `Name ${from}` }, { id: 'nameless' }],
    });
    const { api, asked } = setUp([200, listing(0)], [200, listing(25)]);
    const names = await api.categoryNames([...ids, ...ids], budget);
    expect([...names]).toEqual([
      ['id-0', 'Name 0'],
      ['id-25', 'Name 25'],
    ]);
    const [first, second] = asked.map(({ path }) =>
      new URLSearchParams(path.split('?')[1]).get('ids')?.split(','),
    );
    expect(first).toEqual(ids.slice(0, 25));
    expect(second).toEqual(ids.slice(25));
  });

  test('of topics are asked for 50 at a time; of none, not at all', async () => {
    const { api, asked } = setUp([200, {}]);
    expect([...(await api.topicNames([], budget))]).toEqual([]);
    expect([...(await api.topicNames(['t1'], budget))]).toEqual([]);
    expect(asked.map(({ path }) => path)).toEqual([
      '/api/v2/speechandtextanalytics/topics?ids=t1&pageSize=50',
    ]);
  });
});

test('available topics come with their transports and permissions', async () => {
  const { api, asked } = setUp([
    200,
    {
      entities: [
        { id: 'v2.x.{id}.y', transports: ['EventBridge', 7], requiresPermissions: ['a:b:view'] },
        { id: 'v2.z' },
      ],
    },
  ]);
  expect(await api.availableTopics(budget)).toEqual([
    { id: 'v2.x.{id}.y', transports: ['EventBridge'], requiresPermissions: ['a:b:view'] },
    { id: 'v2.z', transports: [], requiresPermissions: [] },
  ]);
  expect(asked[0]?.path).toBe(
    '/api/v2/notifications/availabletopics?expand=transports%2CrequiresPermissions',
  );
});

test('an external tag is put, and the answer, a text, is not looked at', async () => {
  const { api, asked } = setUp([202, 'accepted']);
  await api.setExternalTag('c1', 'compliance:critical', budget);
  expect(asked).toEqual([
    { method: 'PUT', path: '/api/v2/conversations/c1/tags', body: { externalTag: 'compliance:critical' } },
  ]);
});

test.each([
  [{ region: 'eu-west-1' }, 'https://api.mypurecloud.ie'],
  [{ region: 'us-east-2' }, 'https://api.use2.us-gov-pure.cloud'],
  [{ baseUrl: 'https://gw.example.com/genesys/' }, 'https://gw.example.com/genesys'],
] as const)('the API of %j is at %s', (location, url) => {
  expect(apiBaseUrl(location)).toBe(url);
});

test('every operation names what it needs', () => {
  for (const { path, permissions } of Object.values(OPERATIONS)) {
    expect(path).toMatch(/^\/api\/v2\//);
    for (const permission of permissions) expect(permission).toMatch(/^[a-zA-Z:]+( or [a-zA-Z:]+)?$/);
  }
});
