import { validateSources } from '@aftercall/schemas';
import { describe, expect, test } from '@jest/globals';
import { names } from './names.ts';
import { StageError, validStage } from './stage.ts';
import { stageNamed } from './stages.ts';

const dev = stageNamed('dev');

/** The problems that the error for a stage lists, one per line. */
function problemsOf(stage: unknown): string[] {
  try {
    validStage(stage);
  } catch (error) {
    if (error instanceof StageError)
      return error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim());
    throw error;
  }
  return [];
}

test.each(['local', 'dev'])('stage %s is valid', (name) => {
  expect(stageNamed(name).name).toBe(name);
});

test('an unknown stage is named, and so are the known ones', () => {
  expect(() => stageNamed('prod')).toThrow('unknown stage "prod": there are local, dev');
});

test('the laptop has the sources that everyone counts on', () => {
  expect(stageNamed('local').sources).toEqual([
    { key: 'main', scheme: 'genesys-webhook' },
    { key: 'messaging', scheme: 'open-messaging' },
    { key: 'relay', scheme: 'standard-webhooks' },
  ]);
});

test('every bad field is named at once', () => {
  const problems = problemsOf({
    ...dev,
    account: 'mine',
    region: 'Ireland',
    processor: { ...dev.processor, maximumConcurrency: 1 },
    logLevel: 'loud',
  });
  expect(problems).toEqual([
    'account: must be the twelve digits of an AWS account',
    'region: must be an AWS region such as eu-west-1',
    'processor.maximumConcurrency: must be a whole number of invocations, 2 to 1000',
    'logLevel: must be one of debug, info, warn, error',
  ]);
});

test('a missing field and one that does not exist are named', () => {
  const { region: _, ...rest } = dev;
  expect(problemsOf({ ...rest, regoin: 'eu-west-1' })).toEqual([
    'region: is missing',
    'regoin: is not a field of a stage; secret values belong in Secrets Manager',
  ]);
});

test.each([undefined, null, 'dev', [], 7])('%j is no stage', (value) => {
  expect(() => validStage(value)).toThrow(StageError);
});

test('a stage that does not publish what a route hears is refused', () => {
  expect(problemsOf({ ...dev, publishes: ['aftercall.conversation.changed'] })).toEqual([
    'publishes: must list aftercall.outcome.recorded, which the route lake hears',
    'publishes: must list aftercall.outcome.recorded, which the route compliance hears',
    'publishes: must list aftercall.outcome.recorded, which the route transcript hears',
    'publishes: must list aftercall.transcript.ready, which the route transcript hears',
    'publishes: must list aftercall.outcome.recorded, which the route crm hears',
  ]);
  expect(problemsOf({ ...dev, publishes: ['gossip'] })).toEqual([
    'publishes[0]: must be equal to one of the allowed values',
  ]);
});

describe('sources', () => {
  test('two of one key are refused', () => {
    expect(
      problemsOf({ ...dev, sources: [...dev.sources, { key: 'main', scheme: 'open-messaging' }] }),
    ).toEqual(['sources[3].key: is the key of sources[0] too']);
  });

  test('an unknown scheme is refused in one line that says where the known ones are', () => {
    expect(problemsOf({ ...dev, sources: [{ key: 'main', scheme: 'md5' }] })).toEqual([
      'sources[0].scheme: is not a known scheme; libs/schemas/src/source.ts lists them',
    ]);
  });

  test('a scheme may be spelled out', () => {
    const hmac = {
      kind: 'hmac',
      headers: ['x-signature'],
      encoding: 'hex',
      prefix: 'v0=',
      timestampHeader: 'x-time',
    };
    const header = { kind: 'static-header', header: 'x-api-key' };
    const sources = [
      { key: 'main', scheme: hmac },
      { key: 'data-action', scheme: header, org: 'main' },
    ];
    expect(problemsOf({ ...dev, sources })).toEqual([]);
  });

  test('an unknown dialect, a bad key and what is no source are refused, each source in a line', () => {
    const sources = [
      { key: 'main', scheme: 'open-messaging', dialects: ['smoke'] },
      { key: 'Main!', scheme: 'open-messaging' },
      { key: 'relay' },
      'relay',
    ];
    expect(problemsOf({ ...dev, sources, logLevel: 'loud' })).toEqual([
      'logLevel: must be one of debug, info, warn, error',
      'sources[0].dialects[0]: must be one of analytics-webhook, conversation-webhook, open-messaging, cloudevents',
      expect.stringMatching(/^sources\[1\]\.key: must match pattern/),
      'sources[2].scheme: is missing',
      'sources[3]: must be object',
    ]);
  });

  test('an empty list is refused', () => {
    expect(problemsOf({ ...dev, sources: [] })).toEqual(['sources: must list at least one source']);
  });

  test('what the functions would refuse is refused, and what they would take is taken', () => {
    for (const variant of [
      { org: '-' },
      { mediaTypes: [] },
      { mediaTypes: ['Voice mail'] },
      { dialects: [] },
    ]) {
      const source = { key: 'main', scheme: 'genesys-webhook', ...variant };
      const taken = validateSources([{ ...source, secretName: 'aftercall/dev/sources/main' }]);
      const problems = problemsOf({ ...dev, sources: [source] });
      expect({ variant, refused: problems.some((line) => line.startsWith('sources[0]')) }).toEqual({
        variant,
        refused: !taken,
      });
    }
  });

  test('the name of a secret is not for a stage to choose', () => {
    const source = { key: 'main', scheme: 'genesys-webhook', secretName: 'another-team/secret' };
    expect(problemsOf({ ...dev, sources: [source] })).toEqual([
      'sources[0].secretName: is not a field of a stage; secret values belong in Secrets Manager',
    ]);
  });

  test('the default organisation is one that a source speaks for', () => {
    expect(problemsOf({ ...dev, defaultOrg: 'mian' })).toEqual([
      expect.stringMatching(/^defaultOrg: must be the org/),
    ]);
  });
});

describe('secrets', () => {
  test.each([
    ['a Standard Webhooks secret', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    ['a short Standard Webhooks secret', 'whsec_c2VjcmV0'],
    ['a hex key', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    ['a base64 key', 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA='],
    ['an AWS access key', `AKIA${'IOSFODNN7EXAMPLE'}`],
    ['a private key', '-----BEGIN PRIVATE KEY-----'],
    ['a JSON Web Token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'],
  ])('%s in any text is refused and not shown', (_, value) => {
    const scheme = { kind: 'hmac', headers: ['x-signature'], encoding: 'hex', prefix: value };
    const stage = { ...dev, sources: [{ key: 'main', scheme }] };
    expect(problemsOf(stage)).toEqual([
      'sources[0].scheme.prefix: looks like a secret value; keep it in Secrets Manager only',
    ]);
    expect(() => validStage(stage)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(value) }),
    );
  });

  test('a secret under a name of its own is refused and not shown', () => {
    const stage = { ...dev, sources: [{ key: 'main', scheme: 'genesys-webhook', secret: 'hunter2' }] };
    expect(problemsOf(stage)).toEqual([
      'sources[0].secret: is not a field of a stage; secret values belong in Secrets Manager',
    ]);
  });

  test('a Terraform expression is refused', () => {
    const scheme = {
      kind: 'hmac',
      headers: ['x-signature'],
      encoding: 'hex',
      prefix: '${file("/etc/passwd")}',
    };
    expect(problemsOf({ ...dev, sources: [{ key: 'main', scheme }] })).toEqual([
      expect.stringMatching(/^sources\[0\]\.scheme\.prefix: holds/),
    ]);
  });
});

test('a label that Terraform would evaluate is refused', () => {
  expect(problemsOf({ ...dev, sentimentScores: { '${path.cwd}': 1 } })).toEqual([
    expect.stringMatching(/^sentimentScores: has a key that holds/),
  ]);
});

describe('what the fields do not allow together', () => {
  test('a visibility below six times the timeout', () => {
    expect(problemsOf({ ...dev, eventsVisibilitySeconds: 179 })).toEqual([
      'eventsVisibilitySeconds: must be at least 180, six times processor.timeoutSeconds',
    ]);
    expect(problemsOf({ ...dev, eventsVisibilitySeconds: 180 })).toEqual([]);
  });

  test('a retention shorter than the longest way back, unless doubles are accepted', () => {
    const twoDays = { ...dev, retentionSeconds: 172_800 };
    expect(problemsOf(twoDays)).toEqual([
      expect.stringMatching(/^retentionSeconds: must be at least 5529600/),
    ]);
    expect(problemsOf({ ...twoDays, acceptsDoubles: true })).toEqual([]);
  });
});

describe('compliance', () => {
  const withCompliance = (changes: object) => ({ ...dev, compliance: { ...dev.compliance, ...changes } });
  const rule = { name: 'one', match: { code: ['PCI'] }, route: { team: 'fraud', dueWithinSeconds: 60 } };
  const rulesOf = (...rules: readonly object[]) =>
    withCompliance({ rules: { defaultDueWithinSeconds: 60, rules } });

  test('rules that the router would refuse are refused, each at its place', () => {
    expect(problemsOf(rulesOf(rule, { ...rule, name: 'two', regex: '.*' }))).toEqual([
      'compliance.rules.rules[1].regex: is not a known field',
    ]);
    expect(problemsOf(rulesOf(rule, rule))).toEqual([
      'compliance.rules.rules[1].name: is the name of /rules/0 too',
      expect.stringMatching(/^compliance\.rules\.rules\[1\]: can never match/),
    ]);
    expect(problemsOf(withCompliance({ rules: {} }))).toEqual(
      expect.arrayContaining(['compliance.rules.rules: is missing']),
    );
  });

  test('a rule for a team without a queue is refused', () => {
    expect(problemsOf(rulesOf({ ...rule, route: { ...rule.route, team: 'sales' } }))).toEqual([
      expect.stringMatching(/^compliance\.rules\.rules\[0\]\.route\.team: rule one names sales/),
    ]);
  });

  test('the default team is always there, and no team is there twice', () => {
    expect(problemsOf(withCompliance({ teams: ['fraud', 'conduct'] }))).toContain(
      'compliance.teams: must list each team once, default among them',
    );
    expect(problemsOf(withCompliance({ teams: ['default', 'fraud', 'conduct', 'fraud'] }))).toEqual([
      'compliance.teams: must list each team once, default among them',
    ]);
  });

  test.each(['Fraud', 'fraud-', 'fraud-dead', 'ab-'.repeat(14).slice(0, 41)])(
    '%s is no name for a team',
    (team) => {
      expect(problemsOf(withCompliance({ teams: ['default', 'fraud', 'conduct', team] }))).toEqual([
        'compliance.teams[3]: must be 1 to 40 of a-z 0-9 -, not - or -dead last',
      ]);
    },
  );

  const longest = 'ab-'.repeat(14).slice(0, 40);

  test('the longest team on the longest stage still has a dead-letter queue that SQS takes', () => {
    const stage = validStage({
      ...withCompliance({ teams: [...dev.compliance.teams, longest] }),
      name: 's'.repeat(16),
    });
    expect(names(stage).qaDeadLetterQueue(longest)).toHaveLength(80);
  });
});

describe('the endpoint of the CRM', () => {
  const crmAt = (endpoint: string) => ({ crm: { endpoint, requestsPerSecond: 10 } });

  test.each([
    'http://crm.example.com/',
    'https://10.0.0.1/hook',
    'https://[::1]/hook',
    'https://169.254.169.254/latest/meta-data',
    'https://0x7f.1/',
    'https://crm.internal/',
    'https://localhost/',
    'https://crm/',
    'https://user:word@crm.example.com/',
    'http://127.0.0.1:8080/',
    'crm.example.com',
  ])('%s is refused', (endpoint) => {
    expect(problemsOf({ ...dev, ...crmAt(endpoint) })).toEqual([
      expect.stringMatching(/^crm\.endpoint: must /),
    ]);
  });

  test('a public name over https is taken', () => {
    expect(problemsOf({ ...dev, ...crmAt('https://crm.example.com/hooks/aftercall?tenant=1') })).toEqual([]);
  });

  test('a laptop may call itself, and nothing else that is private', () => {
    const local = stageNamed('local');
    expect(problemsOf({ ...local, ...crmAt('http://127.0.0.1:8080/crm') })).toEqual([]);
    expect(problemsOf({ ...local, ...crmAt('http://10.0.0.1/crm') })).toHaveLength(1);
  });

  test('a stage goes without', () => {
    const { crm: _, ...rest } = dev;
    expect(problemsOf(rest)).toEqual([]);
  });
});

test.each(['processor', 'lake', 'compliance', 'consumers'] as const)(
  'a first backoff of %s above the longest is refused',
  (consumer) => {
    const settings = { ...dev[consumer], backoffBaseSeconds: 301 };
    expect(problemsOf({ ...dev, [consumer]: settings })).toEqual([
      `${consumer}.backoffBaseSeconds: must not be above ${consumer}.backoffMaxSeconds`,
    ]);
  },
);

describe("Genesys Cloud's own side", () => {
  const { genesys = [], partner = [], backfill, transcripts } = dev;
  const [org, source] = [genesys[0], partner[0]];
  const withOrg = (one: object) => problemsOf({ ...dev, genesys: [{ org: 'main', ...one }] });
  const withSource = (one: object) => problemsOf({ ...dev, partner: [{ ...source, ...one }] });

  test('may be left out, as a whole or in part', () => {
    const { genesys: _, partner: _partner, backfill: _backfill, transcripts: _transcripts, ...rest } = dev;
    expect(problemsOf(rest)).toEqual([]);
    expect(problemsOf({ ...rest, partner })).toEqual([]);
    expect(problemsOf({ ...rest, genesys, transcripts })).toEqual([]);
  });

  test.each([
    ['a region', { region: 'eu-central-1' }],
    [
      'a gateway',
      { apiBaseUrl: 'https://genesys.example.com/api', loginBaseUrl: 'https://login.example.com' },
    ],
    [
      "the documents' token URL",
      { region: 'us-east-1', tokenUrl: 'https://api.mypurecloud.com/oauth/token' },
    ],
  ])('an organisation may be reached through %s', (_what, address) => {
    expect(withOrg(address)).toEqual([]);
  });

  test.each([
    ['no address', {}, 'genesys[0].region: is not an AWS region that has a Genesys Cloud'],
    ['an unknown region', { region: 'eu-north-1' }, 'genesys[0].region: is not an AWS region'],
    ['an API without a login', { apiBaseUrl: 'https://api.example.com' }, 'genesys[0].region: is not an AWS'],
    ['http', { region: 'eu-west-1', tokenUrl: 'http://example.com/oauth/token' }, 'genesys[0].tokenUrl: '],
    ['this machine', { region: 'eu-west-1', apiBaseUrl: 'http://127.0.0.1:1' }, 'genesys[0].apiBaseUrl: '],
    ['metadata', { region: 'eu-west-1', apiBaseUrl: 'https://169.254.169.254' }, 'genesys[0].apiBaseUrl: '],
    ['an unknown field', { region: 'eu-west-1', secretName: 'x' }, 'genesys[0].secretName: is not a field'],
    ['a bad name', { org: 'a b', region: 'eu-west-1' }, 'genesys[0].org: must be 1 to 63'],
  ])('an organisation with %s is refused in one line', (_what, one, problem) => {
    expect(withOrg(one)).toEqual(expect.arrayContaining([expect.stringContaining(problem)]));
    expect(withOrg(one).filter((line) => line.startsWith('genesys'))).toHaveLength(1);
  });

  test('an organisation is listed once', () => {
    expect(problemsOf({ ...dev, genesys: [org, org] })).toEqual([
      'genesys[1].org: is the org of genesys[0] too',
    ]);
  });

  const uuid = '11111111-2222-3333-4444-555555555555';
  test.each([
    `aws.partner/example.com/cloud/${uuid}/a`,
    `aws.partner/genesys.com/cloud/mine/a`,
    `aws.partner/genesys.com/cloud/${uuid}/`,
    `aws.partner/genesys.com/cloud/${uuid}/${'a-'.repeat(33)}`,
    `aws.partner/genesys.com/cloud/${uuid}/a/b`,
    `aws.partner/genesys.com/cloud/${uuid}/a b`,
  ])('%s is no partner event source', (eventSourceName) => {
    expect(withSource({ eventSourceName })).toEqual([
      expect.stringMatching(/^partner\[0\]\.eventSourceName: must be aws\.partner\/genesys\.com\/cloud/),
    ]);
  });

  test('the source of published examples is for a laptop only', () => {
    const eventSourceName = `aws.partner/genesys.com.test/cloud/${uuid}/a`;
    expect(withSource({ eventSourceName })).toEqual([
      expect.stringMatching(/^partner\[0\]\.eventSourceName: is one of published examples/),
    ]);
    expect(problemsOf({ ...stageNamed('local'), partner: [{ ...source, eventSourceName }] })).toEqual([]);
  });

  test('an event source and a key are there once, whatever they are the key of', () => {
    expect(problemsOf({ ...dev, partner: [source, { ...source, key: 'other' }] })).toEqual([
      'partner[1].eventSourceName: is that of partner[0] too',
    ]);
    expect(withSource({ key: 'relay' })).toEqual(['partner[0].key: is the key of sources[2] too']);
    const sources = [{ key: 'partner', org: 'main' }];
    expect(problemsOf({ ...dev, backfill: { ...backfill, sources } })).toEqual([
      'backfill.sources[0].key: is the key of partner[0] too',
    ]);
  });

  test('what pulls needs an organisation to pull from; what is pushed does not', () => {
    expect(withSource({ org: 'another' })).toEqual([]);
    const sources = [{ key: 'another' }, { key: 'backfill', org: 'main' }];
    expect(problemsOf({ ...dev, backfill: { ...backfill, sources } })).toEqual([
      'backfill.sources[0].org: must be one of genesys (a source without one speaks for its key)',
    ]);
    const { genesys: _, backfill: _backfill, ...rest } = dev;
    expect(problemsOf(rest)).toEqual(['transcripts: needs an organisation in genesys to fetch from']);
  });

  test.each(['daily', 'rate(0 days)', 'cron(0 4 * * *)', 'rate(1 week)', 'cron(30 4 * * ? *); x', ''])(
    'the schedule %j is none of EventBridge',
    (schedule) => {
      expect(problemsOf({ ...dev, backfill: { ...backfill, schedule } })).toEqual([
        expect.stringMatching(/^backfill\.schedule: must be a schedule of EventBridge/),
      ]);
    },
  );

  test('waits that SQS cannot keep and a backoff upside down are refused', () => {
    const bad = { retryScheduleSeconds: [60, 43_200], originals: 'some', backoffBaseSeconds: 1_000 };
    expect(problemsOf({ ...dev, transcripts: { ...transcripts, ...bad } })).toEqual([
      'transcripts.retryScheduleSeconds[1]: must be a whole number of seconds, 1 to 42300',
      'transcripts.originals: must be dropped or kept',
    ]);
    expect(problemsOf({ ...dev, transcripts: { ...transcripts, backoffBaseSeconds: 1_000 } })).toEqual([
      'transcripts.backoffBaseSeconds: must not be above transcripts.backoffMaxSeconds',
    ]);
  });

  test('a unit of sentiment brings no score beyond 1', () => {
    expect(problemsOf({ ...dev, sentimentScales: { percent: 100, other: 0 } })).toEqual([
      'sentimentScales.percent: must be a number above 0, at most 1',
      'sentimentScales.other: must be a number above 0, at most 1',
    ]);
  });
});
