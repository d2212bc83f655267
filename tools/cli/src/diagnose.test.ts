import { describe, expect, test } from '@jest/globals';
import { schemeOf, signDelivery } from '@aftercall/signing';
import type { SignatureScheme } from '@aftercall/signing';
import { createHash, createHmac } from 'node:crypto';
import { diagnose } from './diagnose.ts';
import type { Diagnosis, SecretedSource } from './diagnose.ts';
import type { Headers } from './read-headers.ts';
import type { StageSource } from './stage-access.ts';

const now = new Date('2026-11-20T14:05:00.000Z');
const epoch = now.getTime() / 1000;
const SECRET = 'ab'.repeat(32);
const OLD = 'old-secret-of-main';
const OTHER = 'secret-of-crm';
const WHSEC = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const sourceWith = (
  key: string,
  scheme: StageSource['scheme'],
  current: string,
  previous?: string,
): SecretedSource => ({
  source: { key, scheme, org: key },
  secrets: { current, ...(previous !== undefined && { previous }) },
});
const main = sourceWith('main', 'genesys-webhook', SECRET, OLD);
const messaging = sourceWith('messaging', 'open-messaging', 'secret-of-messaging');
const relay = sourceWith('relay', 'standard-webhooks', WHSEC);
const crm = sourceWith('crm', 'genesys-webhook', OTHER);
const stage = [main, messaging, relay, crm];

const BODY = Buffer.from('{"event": "é",\n "n": 1}\n');
const compact = Buffer.from(JSON.stringify(JSON.parse(BODY.toString())));
const hmac = (key: string | Buffer, body: string | Buffer, hash = 'sha256') =>
  createHmac(hash, key).update(body).digest();

function diagnosed(claimed: SecretedSource, headers: Headers, body: Uint8Array = BODY): Diagnosis {
  return diagnose({ headers, body, claimed, others: stage.filter((one) => one !== claimed), now });
}
const genesys = (signature: string, header = 'x-genesys-signature'): Headers => ({ [header]: signature });
const codes = ({ mistakes }: Diagnosis) => mistakes.map(({ code }) => code);

describe('a right delivery', () => {
  test.each(stage.map((one) => [one.source.key, one] as const))('for %s is verified', (_key, one) => {
    const headers = signDelivery(BODY, schemeOf(one.source.scheme), one.secrets.current ?? '', {
      id: 'msg_1',
      now,
    });
    expect(diagnosed(one, headers)).toMatchObject({ outcome: 'verified', mistakes: [], findings: [] });
  });

  test('signed with the secret before the rotation is verified, and AWSPREVIOUS is named', () => {
    const diagnosis = diagnosed(main, genesys(hmac(OLD, BODY).toString('hex')));
    expect(diagnosis.outcome).toBe('verified');
    expect(diagnosis.findings.join()).toContain('AWSPREVIOUS');
  });
});

describe('a usual mistake is named', () => {
  const hex = (body: string | Buffer, key: string | Buffer = SECRET) => hmac(key, body).toString('hex');
  const text = BODY.toString();
  test.each<[string, Headers, string[], RegExp]>([
    ['the secret of another source', genesys(hex(BODY, OTHER)), ['other-source'], /source crm;/],
    ['a line end after the secret', genesys(hex(BODY, `${SECRET}\n`)), ['secret-whitespace'], /strip/],
    [
      'a secret decoded from hex',
      genesys(hex(BODY, Buffer.from(SECRET, 'hex'))),
      ['secret-decoding'],
      /decoded from hex/,
    ],
    [
      'a body written again as compact JSON',
      genesys(hex(compact)),
      ['body-reserialised'],
      /compact JSON of it/,
    ],
    [
      'a body written again by Python',
      genesys(hex('{"event": "\\u00e9", "n": 1}')),
      ['body-reserialised'],
      /Python/,
    ],
    [
      'a body written again with indents',
      genesys(hex(JSON.stringify(JSON.parse(text), undefined, 2))),
      ['body-reserialised'],
      /indented by 2/,
    ],
    [
      'a newline added after signing',
      genesys(hex(text.trimEnd())),
      ['body-trailing-newline'],
      /without the newline/,
    ],
    ['a newline lost after signing', genesys(hex(`${text}\n`)), ['body-trailing-newline'], /sent without it/],
    [
      'CRLF signed and LF sent',
      genesys(hex(text.replaceAll('\n', '\r\n'))),
      ['body-line-endings'],
      /sent with LF/,
    ],
    ['base64 text signed', genesys(hex(BODY.toString('base64'))), ['body-base64'], /base64 text/],
    ['base64 instead of hex', genesys(hmac(SECRET, BODY).toString('base64')), ['encoding'], /as base64; hex/],
    [
      'base64 of the hex text',
      genesys(Buffer.from(hex(BODY)).toString('base64')),
      ['encoding'],
      /base64 of the hex text/,
    ],
    ['base64 without padding', genesys(hmac(SECRET, BODY).toString('base64url')), ['encoding'], /base64url/],
    [
      'a prefix that does not belong there',
      genesys(`sha256=${hex(BODY)}`),
      ['prefix'],
      /nothing belongs there/,
    ],
    [
      'another header',
      genesys(hex(BODY), 'x-signature-256'),
      ['header-name'],
      /it belongs in x-genesys-webhook-signature or/,
    ],
    ['SHA-1', genesys(hmac(SECRET, BODY, 'sha1').toString('hex')), ['algorithm'], /HMAC-SHA1/],
    ['SHA-512', genesys(hmac(SECRET, BODY, 'sha512').toString('hex')), ['algorithm'], /HMAC-SHA512/],
    [
      'a hash without the secret',
      genesys(createHash('sha256').update(BODY).digest('hex')),
      ['algorithm'],
      /without the secret/,
    ],
    ['two mistakes at once', genesys(`sha256=${hex(compact)}`), ['body-reserialised', 'prefix'], /compact/],
  ])('%s', (_case, headers, expected, words) => {
    const diagnosis = diagnosed(main, headers);
    expect(diagnosis.outcome).toBe('refused');
    expect(codes(diagnosis)).toEqual(expected);
    expect(diagnosis.mistakes.map((mistake) => mistake.text).join('\n')).toMatch(words);
  });

  test('LF signed and CRLF sent', () => {
    const body = Buffer.from(text.replaceAll('\n', '\r\n'));
    expect(codes(diagnosed(main, genesys(hex(BODY)), body))).toEqual(['body-line-endings']);
  });

  test('a byte order mark in the file', () => {
    const body = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), BODY]);
    expect(codes(diagnosed(main, genesys(hex(BODY)), body))).toEqual(['body-byte-order-mark']);
  });

  test('a file that holds the base64 of the body', () => {
    const diagnosis = diagnosed(main, genesys(hex(BODY)), Buffer.from(BODY.toString('base64')));
    expect(codes(diagnosis)).toEqual(['body-base64']);
    expect(diagnosis.mistakes[0]?.text).toContain('isBase64Encoded');
  });

  test('a missing prefix, and hex instead of base64, for open-messaging', () => {
    const digest = hmac('secret-of-messaging', BODY);
    const header = 'x-hub-signature-256';
    expect(codes(diagnosed(messaging, { [header]: digest.toString('base64') }))).toEqual(['prefix']);
    expect(codes(diagnosed(messaging, { [header]: `sha256=${digest.toString('hex')}` }))).toEqual([
      'encoding',
    ]);
  });

  test('a right delivery at the wrong address names the right one', () => {
    const headers = signDelivery(BODY, schemeOf('open-messaging'), 'secret-of-messaging', { id: '', now });
    const diagnosis = diagnosed(main, headers);
    expect(codes(diagnosis)).toEqual(['other-source']);
    expect(diagnosis.mistakes[0]?.text).toContain('/webhooks/messaging');
  });
});

describe('with standard-webhooks', () => {
  const key = Buffer.alloc(32, 7);
  const stamped = (signature: Buffer, timestamp: string | number = epoch): Headers => ({
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature.toString('base64')}`,
  });
  const signedText = `msg_1.${epoch}.${BODY.toString()}`;
  test.each([
    ['only the body', stamped(hmac(key, BODY)), ['signed-text']],
    ['only timestamp and body', stamped(hmac(key, `${epoch}.${BODY.toString()}`)), ['signed-text']],
    ['with the text of the secret', stamped(hmac(WHSEC, signedText)), ['secret-decoding']],
    ['with the text after whsec_', stamped(hmac(WHSEC.slice(6), signedText)), ['secret-decoding']],
  ])('signing %s is named', (_case, headers, expected) => {
    expect(codes(diagnosed(relay, headers))).toEqual(expected);
  });

  test('a stale timestamp is told with its age, and that the signature is right', () => {
    const sent = new Date(now.getTime() - 3_723_000);
    const diagnosis = diagnosed(
      relay,
      signDelivery(BODY, schemeOf('standard-webhooks'), WHSEC, { id: 'msg_1', now: sent }),
    );
    expect(diagnosis).toMatchObject({ code: 'stale-timestamp', mistakes: [] });
    expect(diagnosis.findings.join('\n')).toMatch(
      /1 h 2 min old, 5 min are allowed[^]*the signature itself is right/,
    );
  });

  test('a timestamp in the future, in milliseconds or missing is told', () => {
    const findings = (headers: Headers) => diagnosed(relay, headers).findings.join('\n');
    expect(findings(stamped(hmac(key, BODY), epoch + 600))).toContain('10 min in the future');
    expect(findings(stamped(hmac(key, BODY), now.getTime()))).toContain('is in milliseconds');
    const { 'webhook-timestamp': _timestamp, ...without } = stamped(hmac(key, BODY));
    expect(findings(without)).toContain('header webhook-timestamp is missing');
  });
});

describe('what nothing explains', () => {
  test('is said so, with what is expected and what was found', () => {
    const diagnosis = diagnosed(main, genesys('00'.repeat(32)));
    expect(diagnosis).toMatchObject({
      code: 'no-match',
      mistakes: [],
      expected: { scheme: 'genesys-webhook', encoding: 'hex', prefix: '' },
      found: [{ header: 'x-genesys-signature', form: '64 hex characters' }],
    });
    expect(diagnosis.findings.join()).toContain('not recognised');
  });

  test('without any signature names the headers that are missing', () => {
    const diagnosis = diagnosed(main, { 'content-type': 'application/json' });
    expect(diagnosis).toMatchObject({ code: 'missing-header', found: [] });
    expect(diagnosis.findings).toContain(
      'header x-genesys-webhook-signature or x-genesys-signature is missing',
    );
  });
});

describe('a static header', () => {
  const scheme: SignatureScheme = { kind: 'static-header', header: 'x-api-key' };
  const fixed = sourceWith('fixed', scheme, 'the-shared-secret');
  test.each<[string, string, string[]]>([
    ['with a word before it', 'Bearer the-shared-secret', ['prefix']],
    ['of another source', OTHER, ['other-source']],
  ])('%s is named', (_case, value, expected) => {
    expect(codes(diagnosed(fixed, { 'x-api-key': value }))).toEqual(expected);
  });
});

test('no secret, no expected and no given signature is in a diagnosis', () => {
  const given = hmac(OTHER, BODY).toString('hex');
  const printed = JSON.stringify([
    diagnosed(main, genesys(given)),
    diagnosed(relay, genesys(given)),
    diagnosed(messaging, { 'x-hub-signature-256': given }),
  ]);
  for (const hidden of [SECRET, OLD, OTHER, WHSEC, WHSEC.slice(6), given])
    expect(printed).not.toContain(hidden);
  for (const { secrets } of stage)
    expect(printed).not.toContain(hmac(secrets.current ?? '', BODY).toString('hex'));
});
