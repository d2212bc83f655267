import { afterEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inTemporaryFolder } from './temporary-folder.ts';

const BIN = resolve(import.meta.dirname, '../bin/aftercall.mjs');
const KEY = 'outcomes/source=main/dt=2026-11-20/hour=08/part-0.parquet';
let server: Server | undefined;
let running: ChildProcess | undefined;
afterEach(() => {
  running?.kill('SIGKILL');
  server?.closeAllConnections();
  server?.close();
});

/** S3 with one file, which it answers as it is told to. */
async function s3With(answerFile: (response: ServerResponse) => void): Promise<string> {
  server = createServer(({ url = '' }, response) => {
    const { searchParams } = new URL(url, 'http://s3');
    if (!searchParams.has('list-type')) return answerFile(response);
    const found = searchParams.has('delimiter')
      ? '<CommonPrefixes><Prefix>outcomes/source=main/</Prefix></CommonPrefixes>'
      : `<Contents><Key>${KEY}</Key><Size>9</Size></Contents>`;
    return response
      .setHeader('content-type', 'application/xml')
      .end(`<ListBucketResult><IsTruncated>false</IsTruncated>${found}</ListBucketResult>`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function start(url: string, sql = 'select 1') {
  const directory = mkdtempSync(join(tmpdir(), 'aftercall-cli-'));
  const temporary = join(directory, 'tmp');
  for (const name of ['tmp', '.aftercall']) mkdirSync(join(directory, name));
  const local = {
    ...{ http: url, pid: 1, control: url, sources: [] },
    aws: {
      ...{ region: 'eu-west-1', accessKeyId: 'local', secretAccessKey: 'local' },
      endpoints: { sqs: url, s3: url, dynamodb: url, secretsmanager: url, events: url, ssm: url, sfn: url },
    },
    resources: { lakeBucket: 'lake', queueUrls: {}, deadLetterQueueUrls: {} },
  };
  writeFileSync(join(directory, '.aftercall', 'local.json'), JSON.stringify(local));
  const { NODE_OPTIONS: _jestOnly, ...outer } = process.env;
  const env = { ...outer, TMPDIR: temporary };
  const child = spawn(process.execPath, [BIN, 'lake', 'query', sql], { cwd: directory, env });
  running = child;
  return { child, temporary };
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s in the middle of a download ends the command as such, and leaves no file behind',
  async (signal) => {
    let asked: () => void = () => undefined;
    const fileAsked = new Promise<void>((done) => (asked = done));
    // It never answers.
    const { child, temporary } = start(await s3With(() => asked()));
    await fileAsked;
    expect(readdirSync(temporary)).toEqual([expect.stringMatching(/^aftercall-lake-/)]);
    child.kill(signal);
    const [code, endedBy] = (await once(child, 'exit')) as [number | null, string | null];
    expect({ code, endedBy }).toEqual({ code: null, endedBy: signal });
    expect(readdirSync(temporary)).toEqual([]);
  },
);

test.each<[string, number, string, (response: ServerResponse) => void]>([
  ['a download that fails', 1, 'select 1', (response) => response.writeHead(500).end()],
  ['a file that cannot be read', 3, 'select 1', (response) => response.end('this is no Parquet')],
  ['a query that fails', 2, "select cast('x' || random() as integer)", (response) => response.end('no')],
])('%s leaves no file behind', async (_case, exitCode, sql, answerFile) => {
  const { child, temporary } = start(await s3With(answerFile), sql);
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(exitCode);
  expect(readdirSync(temporary)).toEqual([]);
});

test('the folder is its owner’s alone, and gone when the work has failed', async () => {
  let forgotten = 0;
  let seen = '';
  const work = inTemporaryFolder({ onExit: () => () => void (forgotten += 1) }, async (folder) => {
    seen = folder;
    expect(statSync(folder).mode & 0o077).toBe(0);
    throw new Error('it failed');
  });
  await expect(work).rejects.toThrow('it failed');
  expect({ forgotten, isThere: existsSync(seen) }).toEqual({ forgotten: 1, isThere: false });
});
