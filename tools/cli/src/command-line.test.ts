import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const BIN = resolve(import.meta.dirname, '../bin/aftercall.mjs');
const directory = mkdtempSync(join(tmpdir(), 'aftercall-cli-'));
const below = join(directory, 'sub', 'folder');
mkdirSync(below, { recursive: true });
mkdirSync(join(directory, '.aftercall'));
writeFileSync(join(directory, 'body.json'), '{}');
writeFileSync(join(directory, 'no-headers.txt'), 'nothing');
/** A stack that has died: nothing listens at its addresses. */
const GONE = await closedAddress();
writeFileSync(
  join(directory, '.aftercall', 'local.json'),
  JSON.stringify({
    http: GONE,
    pid: 999_999_999,
    control: GONE,
    aws: {
      region: 'eu-west-1',
      accessKeyId: 'local',
      secretAccessKey: 'local',
      endpoints: {
        sqs: GONE,
        dynamodb: GONE,
        s3: GONE,
        secretsmanager: GONE,
        events: GONE,
        ssm: GONE,
        sfn: GONE,
      },
    },
    sources: [
      { key: 'main', scheme: 'genesys-webhook', url: `${GONE}/webhooks/main`, secret: 'never shown' },
    ],
    resources: {
      queueUrls: {},
      deadLetterQueueUrls: {},
      lakeBucket: 'lake',
      eventsQueueUrl: `${GONE}/q`,
      eventsDeadLetterQueueUrl: `${GONE}/d`,
    },
  }),
);

async function closedAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return `http://127.0.0.1:${port}`;
}

function aftercall(args: readonly string[], cwd = directory, nodeOptions: readonly string[] = []) {
  const { NODE_OPTIONS: _jestOnly, ...outer } = process.env;
  // Whatever a build machine sets, a pipe gets no colour.
  const env = { ...outer, FORCE_COLOR: '1', CI: 'true' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [...nodeOptions, BIN, ...args], {
    cwd,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test.each<[string, string[], number, RegExp]>([
  ['no command', [], 2, /Usage: aftercall/],
  ['an unknown command', ['frobnicate'], 2, /unknown command 'frobnicate'/],
  ['an unknown option', ['trace', 'x', '--deep'], 2, /unknown option '--deep'/],
  ['send without a file', ['send'], 2, /missing required argument 'file'/],
  ['a file that is not there', ['send', 'nope.json'], 2, /nope\.json does not exist/],
  ['a directory', ['send', 'sub'], 2, /sub is a directory/],
  [
    'an unknown source',
    ['send', 'body.json', '--source', 'crm'],
    2,
    /unknown source "crm" in stage local: there are main/,
  ],
  ['--repeat 0', ['send', 'body.json', '--repeat', '0'], 2, /whole number from 1/],
  [
    'verify without a body',
    ['verify', '--source', 'main', '--headers', 'x'],
    2,
    /--body <file>' not specified/,
  ],
  [
    'headers without a header',
    ['verify', '--source', 'main', '--headers', 'no-headers.txt', '--body', 'body.json'],
    2,
    /holds no header/,
  ],
  [
    'an unknown kind',
    ['set-aside', 'list', '--kind', 'lost'],
    2,
    /Allowed choices are dead, quarantine, archive/,
  ],
  ['a --since that is no time', ['set-aside', 'list', '--since', 'soon'], 2, /--since soon is no time/],
  [
    'an unknown scheme',
    ['sources', 'add', 'crm', '--scheme', 'rot13'],
    2,
    /--scheme rot13 is no known scheme/,
  ],
  [
    'a source key that will not do',
    ['sources', 'add', 'C R M', '--scheme', 'genesys-webhook'],
    2,
    /"C R M" will not do/,
  ],
  [
    'an unknown stage',
    ['sources', 'list', '--stage', 'moon'],
    2,
    /unknown stage "moon": there are local, dev/,
  ],
  ['trace on AWS without --org', ['trace', 'x', '--stage', 'dev'], 2, /--org is needed/],
  ['send to AWS without --url', ['send', 'body.json', '--stage', 'dev'], 2, /--url is needed/],
  [
    'a source that is there already',
    ['sources', 'add', 'main', '--scheme', 'genesys-webhook'],
    1,
    /there is a source main/,
  ],
  ['lake query without SQL', ['lake', 'query'], 2, /missing required argument 'sql'/],
  ['SQL that is wrong', ['lake', 'query', 'selekt 1'], 2, /syntax error at or near "selekt"/],
  [
    'a stretch of no time',
    ['lake', 'check', '--since', '1h', '--until', '2h'],
    2,
    /nothing lies between --since 1h and --until 2h/,
  ],
  ['lake check when the stack has died', ['lake', 'check'], 1, /does not answer.*\n.*npm start/],
  ['trace when the stack has died', ['trace', 'x'], 1, /does not answer.*\n.*npm start/],
  ['send when the stack has died', ['send', 'body.json'], 1, /does not answer.*\n.*npm start/],
])('%s ends with a message that names it', (_case, args, status, message) => {
  const result = aftercall(args);
  expect(result.stderr).toMatch(message);
  expect(result).toMatchObject({ status, stdout: '' });
});

test('without a stack the next step is named', () => {
  const result = aftercall(['send', join(directory, 'body.json')], tmpdir());
  // A stack that happens to run in the repository would be found.
  if (result.status !== 0) expect(result.stderr).toMatch(/npm start/);
});

test('DuckDB, which is large, is loaded for the lake and for nothing else', () => {
  const tell = join(directory, 'tell.cjs');
  writeFileSync(
    tell,
    `process.on('exit', () => {
      if (Object.keys(require.cache).some((file) => file.includes('@duckdb'))) process.stdout.write('it was loaded');
    });`,
  );
  const saying = (...args: readonly string[]) => aftercall(args, directory, ['--require', tell]).stdout;
  expect(saying('lake', 'query', 'selekt 1')).toBe('it was loaded');
  for (const args of [['--help'], ['lake', 'query', '--help'], ['sources', 'list'], ['trace', 'x']])
    expect(saying(...args)).not.toContain('it was loaded');
}, 60_000);

test('help is no mistake', () => {
  const result = aftercall(['--help']);
  expect(result).toMatchObject({ status: 0, stderr: '' });
  expect(result.stdout).toContain('set-aside');
});

test('the stack is found from a folder below, and files are relative to that folder', () => {
  expect(aftercall(['sources', 'list'], below).stdout).toContain(`${GONE}/webhooks/main`);
  expect(aftercall(['send', '../../body.json', '--dry-run', '--json'], below).stdout).toContain('"bytes": 2');
});

test('secrets are listed only when asked for, and nothing is coloured when nobody looks', () => {
  expect(aftercall(['sources', 'list', '--json']).stdout).not.toContain('never shown');
  expect(aftercall(['sources', 'list']).stdout).not.toMatch(/never shown|\u001b/);
});

test('with --json, wrong usage and failures are one JSON document too', () => {
  for (const args of [
    ['send', 'nope.json', '--json'],
    ['--json', 'frobnicate'],
    ['trace', 'x', '--json'],
  ]) {
    const { stdout } = aftercall(args);
    expect(JSON.parse(stdout)).toMatchObject({ error: { message: expect.any(String) } });
  }
});

test('stopping a stack that is gone already is done', () => {
  const result = aftercall(['stop']);
  expect(result).toMatchObject({ status: 0, stderr: '' });
  expect(result.stdout).toContain('gone already');
});
