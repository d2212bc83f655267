import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SignatureScheme } from './index.ts';
import { isUsableSecret, schemeOf, signDelivery, verifyDelivery } from './index.ts';

const standard = schemeOf('standard-webhooks');
const schemes: [string, SignatureScheme][] = [
  ['genesys-webhook', schemeOf('genesys-webhook')],
  ['open-messaging', schemeOf('open-messaging')],
  ['standard-webhooks', standard],
  ['a static header', schemeOf({ kind: 'static-header', header: 'x-api-key' })],
];
const now = new Date('2026-11-22T10:00:00Z');
const stamp = { id: 'msg_1', now };
const body = Buffer.from('{"webhookEventId":"evt-1"}');
const whsec = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

describe.each(schemes)('%s', (_name, scheme) => {
  test('text is a usable secret, white space around it and all', () => {
    expect(isUsableSecret(scheme, 'correct-horse')).toBe(true);
    expect(isUsableSecret(scheme, ' correct-horse\n')).toBe(true);
  });

  test.each(['', ' ', '\r\n', '\0', '\0'.repeat(64)])('%j is none', (secret) => {
    expect(isUsableSecret(scheme, secret)).toBe(false);
  });

  test('what is usable signs and verifies; what is not does neither', () => {
    const secrets = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ maxLength: 12 }).map((text) => `whsec_${text}`),
      fc.uint8Array({ maxLength: 33 }).map((key) => `whsec_${Buffer.from(key).toString('base64')}\n`),
      fc.constantFrom('\0', ' \t', 'whsec_', 'whsec_AAAA', '\u00a0whsec_AAEC'),
    );
    fc.assert(
      fc.property(secrets, (secret) => {
        const sign = () => signDelivery(body, scheme, secret, stamp);
        if (!isUsableSecret(scheme, secret)) return expect(sign).toThrow(TypeError);
        const { outcome } = verifyDelivery({ headers: sign(), body }, scheme, [secret], now);
        return expect(outcome).toBe('verified');
      }),
    );
  });
});

describe('a whsec_ secret', () => {
  test.each([
    ['a line feed after it', `${whsec}\n`],
    ['a Windows line end after it', `${whsec}\r\n`],
    ['spaces and tabs around it', ` \t${whsec}\v\f `],
  ])('is the same key with %s', (_case, stored) => {
    expect(isUsableSecret(standard, stored)).toBe(true);
    const headers = signDelivery(body, standard, whsec, stamp);
    expect(verifyDelivery({ headers, body }, standard, [stored], now).outcome).toBe('verified');
    expect(signDelivery(body, standard, stored, stamp)).toEqual(headers);
  });

  test.each([
    ['nothing after it', 'whsec_'],
    ['only white space after it', 'whsec_ \n'],
    ['a key of zero bytes', 'whsec_AAAA'],
    ['no base64', 'whsec_!!!!'],
    ['base64 that lacks its pad', 'whsec_AAECAwQFBgcICQ'],
    ['the url alphabet', 'whsec_-_-_'],
    ['a space inside', 'whsec_MfKQ 9r8G'],
    ['a space after the prefix', 'whsec_ MfKQ'],
    ['another space than ASCII’s around it', `\u00a0${whsec}`],
    ['a byte order mark before it', `\ufeff${whsec}`],
    ['quotes around its base64', 'whsec_"MfKQ"'],
  ])('with %s is not usable', (_case, secret) => {
    expect(isUsableSecret(standard, secret)).toBe(false);
  });

  test('is plain text to the other schemes', () => {
    expect(isUsableSecret(schemeOf('genesys-webhook'), 'whsec_!!!!')).toBe(true);
  });
});

test.each(schemes)('%s: white space around a text secret is part of its key', (_name, scheme) => {
  const headers = signDelivery(body, scheme, 'correct-horse', stamp);
  const verification = verifyDelivery({ headers, body }, scheme, ['correct-horse\n'], now);
  expect(verification).toEqual({ outcome: 'refused', code: 'no-match' });
});
