import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './runtime/fixture-function.ts';
import type { Stack } from './start-stack.ts';
import { curlExample, welcome } from './welcome.ts';

/** Runs the pasted text with a `curl` that only prints what it is given. */
function pasted(scheme: string, secret: string): string[] {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'curl'),
    '#!/bin/sh\nfor argument in "$@"; do printf "%s\\n" "$argument"; done\n',
  );
  chmodSync(join(folder, 'curl'), 0o755);
  const text = curlExample(
    { key: 'main', scheme, url: 'http://127.0.0.1:1/webhooks/main', secret },
    '{"a":"1"}',
  );
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
  return execFileSync('bash', ['-c', text], { encoding: 'utf8', env }).trim().split('\n');
}

const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text);

test.each([
  ['genesys-webhook', `x-genesys-webhook-signature: ${hmac('00ff', '{"a":"1"}').digest('hex')}`],
  ['open-messaging', `x-hub-signature-256: sha256=${hmac('00ff', '{"a":"1"}').digest('base64')}`],
])('the example for %s signs the body that it sends', (scheme, header) => {
  const given = pasted(scheme, '00ff');
  expect(given).toContain(header);
  expect(given.slice(-2)).toEqual(['-d', '{"a":"1"}']);
});

test('the example for standard-webhooks signs id, time and body with the decoded key', () => {
  const key = Buffer.from('0123456789abcdef0123456789abcdef');
  const given = pasted('standard-webhooks', `whsec_${key.toString('base64')}`);
  const header = (name: string) =>
    given.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
  const signed = `${header('webhook-id')}.${header('webhook-timestamp')}.{"a":"1"}`;
  expect(header('webhook-signature')).toBe(`v1,${hmac(key, signed).digest('base64')}`);
  expect(Math.abs(Number(header('webhook-timestamp')) - Date.now() / 1000)).toBeLessThan(10);
});

test('it says where outcomes land: lake, transcripts, QA queues, CRM; and where Genesys Cloud is', () => {
  const resources = {
    lakeBucket: 'aftercall-local-lake',
    transcriptsBucket: 'aftercall-local-transcripts',
    qaQueueUrls: { default: 'u', fraud: 'u' },
    partner: [{ key: 'partner', busName: 'aws.partner/genesys.com/cloud/1/a' }],
  };
  const genesys = { login: 'http://127.0.0.1:7', api: 'http://127.0.0.1:8' };
  const local = {
    aws: { endpoints: {} },
    sources: [],
    resources,
    genesys,
    crm: { url: 'http://127.0.0.1:9' },
  };
  const summary = {
    aws: 'embedded',
    counts: {},
    notPlayed: { encryption: ['aws_kms_key'] },
    unknownTypes: ['aws_moon'],
    unplayedAlarms: [],
  };
  const text = welcome({ local, summary, logsDirectory: '/logs' } as unknown as Stack);
  expect(text).toContain('lake s3://aftercall-local-lake/outcomes/');
  expect(text).toContain('transcripts s3://aftercall-local-transcripts/');
  expect(text).toContain('http://127.0.0.1:8');
  expect(text).toContain('aws.partner/genesys.com/cloud/1/a');
  expect(text).toContain('QA queues default fraud');
  expect(text).toContain('not played  encryption: aws_kms_key');
  expect(text).toContain('resource types unknown here: aws_moon');
  expect(text).toContain('CRM http://127.0.0.1:9/__deliveries');
});
