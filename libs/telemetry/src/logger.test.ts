import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createLogger } from './index.ts';

type Line = Record<string, unknown>;
const parse = (line: string | undefined) => JSON.parse(line ?? '') as Line;

function setUp(level?: string) {
  const written: string[] = [];
  const destination = { write: (line: string) => void written.push(line) };
  const logger = createLogger({ function: 'ingest', destination, ...(level === undefined ? {} : { level }) });
  return { logger, written, last: () => parse(written.at(-1)) };
}

describe('a line', () => {
  test('is one JSON object with function, level as a word and ISO time', () => {
    const { logger, written, last } = setUp();
    logger.info({ requestId: 'r-1', durationMs: 12 }, 'accepted');
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^\{.*\}\n$/);
    expect(last()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      function: 'ingest',
      requestId: 'r-1',
      durationMs: 12,
      msg: 'accepted',
    });
  });

  test('below the level is not written', () => {
    const { logger, written } = setUp('warn');
    logger.debug({});
    logger.info({});
    logger.warn({});
    logger.error({});
    expect(written.map((line) => parse(line).level)).toEqual(['warn', 'error']);
  });

  test('of a level that there is not is no line at all: the logger is refused', () => {
    expect(() => setUp('loud')).toThrow(new RangeError('there is no level loud'));
  });

  test('is written whatever the fields are', () => {
    const { logger, last } = setUp();
    const circle: Record<string, unknown> = { name: 'round' };
    circle['self'] = circle;
    logger.info({ big: 2n ** 64n, circle, never: new Date(NaN), half: '\ud800', nothing: undefined });
    expect(last()).toMatchObject({
      big: '18446744073709551616',
      circle: { name: 'round', self: '[object]' },
      never: null,
      half: '\ud800',
    });
  });

  test('of a child has its fields, with the same redaction', () => {
    const { logger, last } = setUp();
    logger.child({ source: 'main', token: 'hidden' }).child({ requestId: 'r-1' }).info({});
    expect(last()).toMatchObject({
      source: 'main',
      token: '[redacted]',
      requestId: 'r-1',
      function: 'ingest',
    });
  });

  test('goes to standard output before the call returns, unless told otherwise', () => {
    const script = `
      const { createLogger } = await import('${new URL('index.ts', import.meta.url).href}');
      createLogger({ function: 'ingest' }).info({ n: 1 });
      process.kill(process.pid, 'SIGKILL');`;
    const node = ['--no-warnings', '--input-type=module', '--eval', script];
    expect(stdoutOfKilled(node)).toMatch(/^\{"level":"info",.*"n":1\}\n$/);
  });
});

describe('redaction', () => {
  const secretFields = [
    'body',
    'rawBody',
    'payload',
    'secret',
    'clientSecret',
    'secrets',
    'token',
    'access_token',
    'accessToken',
    'signature',
    'x-hub-signature-256',
    'Authorization',
    'authorization',
    'password',
    'credentials',
    'cookie',
    'headers',
    'keyring',
    'seal',
    'transcript',
    'transcriptUrl',
    'apiKey',
    'x-api-key',
  ];

  test.each(secretFields)('%s is taken out at the top and one deep', (field) => {
    const { logger, written } = setUp();
    logger.info({ [field]: 'hidden', event: { [field]: ['hidden'] }, list: [{ [field]: { a: 'hidden' } }] });
    expect(written.join('')).not.toContain('hidden');
  });

  test('what only looks like it stays: names, ids, sizes and numbers', () => {
    const { logger, last } = setUp();
    const fields = {
      secretName: 'aftercall/local/sources/main',
      secretIndex: 1,
      bodyBytes: 12,
      transcriptId: 't',
      tokens: 3,
      key: 'dead/x',
    };
    logger.info(fields);
    expect(last()).toMatchObject(fields);
  });

  test('what lies deeper than one level is not written at all', () => {
    const { logger, last } = setUp();
    logger.info({ event: { detail: { words: 'hidden' }, items: [1, 2] }, at: new Date(0) });
    expect(last()).toMatchObject({
      event: { detail: '[object]', items: '[2 items]' },
      at: '1970-01-01T00:00:00.000Z',
    });
  });

  test('bytes are only counted', () => {
    const { logger, last } = setUp();
    logger.info({ chunk: Buffer.from('hidden') });
    expect(last()).toMatchObject({ chunk: '[6 bytes]' });
  });

  test('the signature of a signed URL is taken out wherever it stands', () => {
    const { logger, written, last } = setUp();
    const url =
      'https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature=hidden&X-Amz-Security-Token=hidden&Z=1';
    logger.error({ url, list: [url], err: new Error(`GET ${url} failed`) }, `no answer from ${url}`);
    expect(written.join('')).not.toContain('hidden');
    expect(last().url).toContain('k?X-Amz-Date=1&X-Amz-Signature=[redacted]');
    expect(last().url).toMatch(/&Z=1$/);
  });

  test('does not touch what the caller gave', () => {
    const { logger } = setUp();
    const fields = Object.freeze({ body: 'text', nested: Object.freeze({ token: 't' }) });
    logger.info(fields);
    expect(fields).toEqual({ body: 'text', nested: { token: 't' } });
  });
});

describe('an error', () => {
  const sdkError = Object.assign(new Error('throttled', { cause: new TypeError('hidden') }), {
    name: 'ThrottlingException',
    code: 'E_SLOW',
    $response: { body: 'hidden' },
    $metadata: { cfId: 'hidden' },
    request: 'hidden',
  });

  test.each([
    ['as err', { err: sdkError }, 'err'],
    ['under any name', { reason: sdkError }, 'reason'],
    ['by itself', sdkError, 'err'],
  ])('%s keeps name, message, code and stack, and the name of its cause', (_case, fields, at) => {
    const { logger, written, last } = setUp();
    logger.error(fields, 'failed');
    expect(last()[at]).toEqual({
      name: 'ThrottlingException',
      message: 'throttled',
      code: 'E_SLOW',
      cause: 'TypeError',
      stack: expect.stringMatching(/^ +at .*logger\.test\.ts/),
    });
    expect(written.join('')).not.toContain('hidden');
  });

  test('of the JSON parser does not show the text it was given', () => {
    const { logger, written } = setUp();
    for (const text of ['{"a": hidden}', 'hidden', '{"hidden', '["hidden\n"]']) {
      try {
        JSON.parse(text);
      } catch (err) {
        logger.error({ err });
      }
    }
    expect(written.map((line) => parse(line).err)).toEqual(
      Array.from({ length: 4 }, () => expect.objectContaining({ name: 'SyntaxError' })),
    );
    expect(written.join('')).not.toContain('hidden');
  });

  test('with a message of several lines gives its frames once', () => {
    const { logger, last } = setUp();
    logger.error({ err: new Error('one\ntwo') });
    const { stack } = last().err as { stack: string };
    expect(stack).toMatch(/^ +at /);
    expect(stack).not.toContain('two');
  });
});

function stdoutOfKilled(args: string[]): string {
  try {
    return execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  } catch (error) {
    return String((error as { stdout: string }).stdout);
  }
}
