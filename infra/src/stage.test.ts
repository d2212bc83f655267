import { validateSources } from '@aftercall/schemas';
import { describe, expect, test } from '@jest/globals';
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

  test('a first backoff above the longest', () => {
    expect(problemsOf({ ...dev, processor: { ...dev.processor, backoffBaseSeconds: 301 } })).toEqual([
      'processor.backoffBaseSeconds: must not be above processor.backoffMaxSeconds',
    ]);
  });

  test('a retention shorter than the longest way back, unless doubles are accepted', () => {
    const twoDays = { ...dev, retentionSeconds: 172_800 };
    expect(problemsOf(twoDays)).toEqual([
      expect.stringMatching(/^retentionSeconds: must be at least 5529600/),
    ]);
    expect(problemsOf({ ...twoDays, acceptsDoubles: true })).toEqual([]);
  });
});
