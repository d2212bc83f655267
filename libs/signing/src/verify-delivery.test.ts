import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SchemeName, SignatureScheme, VerifiedDelivery } from './index.ts';
import { schemeOf, signDelivery, verifyDelivery } from './index.ts';

interface Vector {
  name: string;
  scheme: SchemeName;
  secrets: string[];
  bodyFile: string;
  headers: Record<string, string>;
  valid: boolean;
  now?: number;
}

const fixture = (path: string) => readFileSync(new URL(`fixtures/${path}`, import.meta.url));
const { vectors } = JSON.parse(fixture('signatures.json').toString()) as { vectors: Vector[] };

const now = new Date('2026-11-22T10:00:00Z');
const nowSeconds = now.getTime() / 1000;
const secret = 'correct-horse-battery-staple-0123';
const body = Buffer.from('{"webhookEventId":"evt-1"}');
const stamp = { id: 'msg_1', now };

const lowerCased = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
const hmac = (key: string | Buffer, text: string | Buffer, encoding: 'hex' | 'base64') =>
  createHmac('sha256', key).update(text).digest(encoding);
const refused = (code: string) => ({ outcome: 'refused', code });
const verifiedBy = (secretIndex: number) => ({ outcome: 'verified', delivery: { secretIndex } });

const customScheme = schemeOf({
  kind: 'hmac',
  headers: ['X-Relay-Signature', 'X-Relay-Signature-Old'],
  encoding: 'hex',
  prefix: 'v0=',
  timestampHeader: 'X-Relay-Timestamp',
});
const schemes: [string, SignatureScheme][] = [
  ['genesys-webhook', schemeOf('genesys-webhook')],
  ['open-messaging', schemeOf('open-messaging')],
  ['standard-webhooks', schemeOf('standard-webhooks')],
  ['a custom hmac with a signed timestamp', customScheme],
  ['a static header', schemeOf({ kind: 'static-header', header: 'X-Api-Key' })],
];

describe('published vectors', () => {
  test('there are good and bad ones for every scheme with a name', () => {
    expect(vectors.filter(({ valid }) => valid).length).toBeGreaterThanOrEqual(5);
    expect(new Set(vectors.map(({ scheme }) => scheme)).size).toBe(3);
  });

  test.each(vectors.map((vector) => [vector.scheme, vector.name, vector] as const))(
    '%s: %s',
    (_scheme, _name, { scheme, secrets, bodyFile, headers, valid, now: at = nowSeconds }) => {
      const delivery = { headers: lowerCased(headers), body: fixture(bodyFile) };
      const { outcome } = verifyDelivery(delivery, schemeOf(scheme), secrets, new Date(at * 1000));
      expect(outcome).toBe(valid ? 'verified' : 'refused');
    },
  );
});

describe('every scheme', () => {
  test.each(schemes)('%s: accepts what its sender signs', (_name, scheme) => {
    const headers = signDelivery(body, scheme, secret, stamp);
    expect(verifyDelivery({ headers, body }, scheme, [secret], now)).toMatchObject(verifiedBy(0));
  });

  test.each(schemes)('%s: names the one of several secrets that matched', (_name, scheme) => {
    const headers = signDelivery(body, scheme, secret, stamp);
    const secrets = ['the-new-one', 'another', secret];
    expect(verifyDelivery({ headers, body }, scheme, secrets, now)).toMatchObject(verifiedBy(2));
  });

  test.each(schemes)('%s: refuses another secret, and no secret at all', (_name, scheme) => {
    const headers = signDelivery(body, scheme, secret, stamp);
    expect(verifyDelivery({ headers, body }, scheme, ['other'], now)).toEqual(refused('no-match'));
    expect(verifyDelivery({ headers, body }, scheme, [], now)).toEqual(refused('no-match'));
  });

  test.each(schemes)('%s: refuses without its headers', (_name, scheme) => {
    expect(verifyDelivery({ headers: {}, body }, scheme, [secret], now)).toEqual(refused('missing-header'));
  });

  test.each(schemes.filter(([, { kind }]) => kind !== 'static-header'))(
    '%s: refuses a body changed by one byte',
    (_name, scheme) => {
      const headers = signDelivery(body, scheme, secret, stamp);
      const changed = Buffer.concat([body, Buffer.from(' ')]);
      expect(verifyDelivery({ headers, body: changed }, scheme, [secret], now)).toEqual(refused('no-match'));
    },
  );

  test('a body that is no text is checked as bytes', () => {
    const bytes = Uint8Array.from([0xff, 0xfe, 0x00, 0x80]);
    const headers = { 'x-genesys-signature': hmac(secret, Buffer.from(bytes), 'hex') };
    const verification = verifyDelivery({ headers, body: bytes }, schemeOf('genesys-webhook'), [secret], now);
    expect(verification).toMatchObject({
      outcome: 'verified',
      delivery: { body: bytes, signedId: undefined },
    });
  });
});

describe('strict reading of the signature', () => {
  const genesys = schemeOf('genesys-webhook');
  const goodHex = hmac(secret, body, 'hex');
  const openMessaging = schemeOf('open-messaging');
  const goodBase64 = hmac(secret, body, 'base64');

  test.each([
    ['trailing garbage', `${goodHex}zz`],
    ['a trailing line feed', `${goodHex}\n`],
    ['a leading space', ` ${goodHex}`],
    ['one digit too few', goodHex.slice(1)],
    ['nothing', ''],
    ['the right length but no hex', 'g'.repeat(64)],
    ['full-width digits', goodHex.replace(/\d/, '\uFF11')],
    ['two signatures joined by a comma', `${goodHex},${goodHex}`],
  ])('hex with %s is malformed', (_case, given) => {
    const headers = { 'x-genesys-signature': given };
    expect(verifyDelivery({ headers, body }, genesys, [secret], now)).toEqual(refused('malformed'));
  });

  test('hex counts in either case', () => {
    const headers = { 'x-genesys-signature': goodHex.toUpperCase() };
    expect(verifyDelivery({ headers, body }, genesys, [secret], now)).toMatchObject(verifiedBy(0));
  });

  // The last letter carries four bits of data; the other two must be zero.
  const nonCanonical = goodBase64.replace(/(.)=$/, (_all, last: string) => `${nextLetter(last)}=`);
  test.each([
    ['no pad', goodBase64.slice(0, -1)],
    ['two pads', `${goodBase64}=`],
    ['another spelling of the same bytes', nonCanonical],
    ['the url alphabet', goodBase64.replace(/[+/]/, '-').replace(/^[A-Za-z0-9]/, '_')],
    ['a space inside', `${goodBase64.slice(0, 10)} ${goodBase64.slice(11)}`],
  ])('base64 with %s is malformed', (_case, given) => {
    expect(given).not.toBe(goodBase64);
    const headers = { 'x-hub-signature-256': `sha256=${given}` };
    expect(verifyDelivery({ headers, body }, openMessaging, [secret], now)).toEqual(refused('malformed'));
  });

  test('another spelling would decode to the right bytes, so it is the spelling that is refused', () => {
    expect(Buffer.from(nonCanonical, 'base64')).toEqual(Buffer.from(goodBase64, 'base64'));
  });

  test('the prefix is part of the signature, case and all', () => {
    const headers = { 'x-hub-signature-256': `SHA256=${goodBase64}` };
    expect(verifyDelivery({ headers, body }, openMessaging, [secret], now)).toEqual(refused('malformed'));
  });

  test('only the sender’s own spelling verifies, whatever else is tried', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), fc.nat(64), (noise, at) => {
        fc.pre(noise !== '');
        const given = goodHex.slice(0, at) + noise + goodHex.slice(at + noise.length);
        fc.pre(given.toLowerCase() !== goodHex);
        const headers = { 'x-genesys-signature': given };
        expect(verifyDelivery({ headers, body }, genesys, [secret], now).outcome).toBe('refused');
      }),
    );
  });
});

describe('several headers', () => {
  const good = hmac(secret, body, 'hex');
  test.each([
    ['the first', { 'x-genesys-webhook-signature': good }],
    ['the second', { 'x-genesys-signature': good }],
    [
      'either, when the other is wrong',
      { 'x-genesys-webhook-signature': 'f'.repeat(64), 'x-genesys-signature': good },
    ],
    [
      'either, when the other is garbage',
      { 'x-genesys-webhook-signature': good, 'x-genesys-signature': '?' },
    ],
  ])('%s may match', (_case, headers) => {
    const verification = verifyDelivery({ headers, body }, schemeOf('genesys-webhook'), [secret], now);
    expect(verification).toMatchObject(verifiedBy(0));
  });

  test('header names of a custom scheme count in any case', () => {
    const headers = signDelivery(body, customScheme, secret, stamp);
    expect(Object.keys(headers)).toEqual(['x-relay-signature', 'x-relay-timestamp']);
  });
});

describe('signed timestamps', () => {
  const at = (seconds: number) => ({ id: 'msg_1', now: new Date((nowSeconds + seconds) * 1000) });
  const stamped: [string, SignatureScheme][] = [
    ['custom hmac', customScheme],
    ['standard-webhooks', schemeOf('standard-webhooks')],
  ];

  test.each(stamped)('%s: five minutes either way are accepted', (_name, scheme) => {
    for (const seconds of [-300, 0, 300]) {
      const headers = signDelivery(body, scheme, secret, at(seconds));
      expect(verifyDelivery({ headers, body }, scheme, [secret], now).outcome).toBe('verified');
    }
  });

  test.each(stamped)('%s: one second more is stale', (_name, scheme) => {
    for (const seconds of [-301, 301]) {
      const headers = signDelivery(body, scheme, secret, at(seconds));
      expect(verifyDelivery({ headers, body }, scheme, [secret], now)).toEqual(refused('stale-timestamp'));
    }
  });

  test.each(['', ' ', 'now', '1e9', '-1', `${nowSeconds}.0`, '9'.repeat(400), '0x10'])(
    'a timestamp of %j is malformed',
    (timestamp) => {
      const headers = { 'x-relay-signature': `v0=${'a'.repeat(64)}`, 'x-relay-timestamp': timestamp };
      expect(verifyDelivery({ headers, body }, customScheme, [secret], now)).toEqual(refused('malformed'));
    },
  );

  test('a signature without its timestamp is refused', () => {
    const headers = { 'x-relay-signature': `v0=${hmac(secret, body, 'hex')}` };
    expect(verifyDelivery({ headers, body }, customScheme, [secret], now)).toEqual(refused('missing-header'));
  });

  test('a fresh timestamp on an old signature does not match', () => {
    const old = signDelivery(body, customScheme, secret, at(-600));
    const headers = { ...old, 'x-relay-timestamp': String(nowSeconds) };
    expect(verifyDelivery({ headers, body }, customScheme, [secret], now)).toEqual(refused('no-match'));
  });

  test('an invalid clock refuses', () => {
    const headers = signDelivery(body, customScheme, secret, stamp);
    const verification = verifyDelivery({ headers, body }, customScheme, [secret], new Date(Number.NaN));
    expect(verification).toEqual(refused('stale-timestamp'));
  });
});

describe('standard-webhooks', () => {
  const scheme = schemeOf('standard-webhooks');
  const keyBytes = Buffer.from(Array.from({ length: 32 }, (_, index) => index + 200));
  const whsec = `whsec_${keyBytes.toString('base64')}`;

  test('whsec_ and base64 is the key’s bytes', () => {
    const signature = hmac(keyBytes, `msg_1.${nowSeconds}.${body.toString()}`, 'base64');
    const headers = signDelivery(body, scheme, whsec, stamp);
    expect(headers['webhook-signature']).toBe(`v1,${signature}`);
    expect(verifyDelivery({ headers, body }, scheme, [whsec], now)).toMatchObject(verifiedBy(0));
  });

  test('the signed id is handed on', () => {
    const headers = signDelivery(body, scheme, whsec, stamp);
    const verification = verifyDelivery({ headers, body }, scheme, [whsec], now);
    expect(verification).toMatchObject({ delivery: { signedId: 'msg_1' } });
  });

  test('another id on the same signature does not match', () => {
    const headers = { ...signDelivery(body, scheme, whsec, stamp), 'webhook-id': 'msg_2' };
    expect(verifyDelivery({ headers, body }, scheme, [whsec], now)).toEqual(refused('no-match'));
  });

  test('part of a signed body cannot be passed off as id and timestamp', () => {
    const inner = `.${nowSeconds}.{"forged":true}`;
    const headers = signDelivery(Buffer.from(`{"note":"${inner}`), scheme, whsec, stamp);
    const forged = { ...headers, 'webhook-id': `msg_1.${nowSeconds}.{"note":"` };
    const forgedBody = Buffer.from('{"forged":true}');
    expect(verifyDelivery({ headers: forged, body: forgedBody }, scheme, [whsec], now)).toEqual(
      refused('malformed'),
    );
  });

  test('signatures of other versions are passed over', () => {
    const headers = signDelivery(body, scheme, whsec, stamp);
    const several = { ...headers, 'webhook-signature': `v1a,AAAA v2,x ${headers['webhook-signature']}` };
    expect(verifyDelivery({ headers: several, body }, scheme, [whsec], now)).toMatchObject(verifiedBy(0));
    const none = { ...headers, 'webhook-signature': 'v1a,AAAA' };
    expect(verifyDelivery({ headers: none, body }, scheme, [whsec], now)).toEqual(refused('malformed'));
  });
});

describe('a key that is no key', () => {
  const emptyKeyHmac = (text: string | Buffer) => hmac('', text, 'base64');

  test.each(['', ' ', '\n', '\0', '\0'.repeat(64)])('the secret %j verifies nothing', (empty) => {
    const signed = { 'x-hub-signature-256': `sha256=${emptyKeyHmac(body)}` };
    const scheme = schemeOf('open-messaging');
    expect(verifyDelivery({ headers: signed, body }, scheme, [empty], now)).toEqual(refused('no-match'));
    expect(() => signDelivery(body, scheme, empty, stamp)).toThrow(TypeError);

    const shared = schemeOf({ kind: 'static-header', header: 'x-api-key' });
    const headers = { 'x-api-key': empty };
    expect(verifyDelivery({ headers, body }, shared, [empty], now)).toEqual(refused('no-match'));
  });

  test.each(['whsec_', 'whsec_=', 'whsec_AAAA', 'whsec_!!!!', 'whsec_AAECAwQFBgcICQ'])(
    'the standard-webhooks secret %j verifies nothing',
    (empty) => {
      const headers = {
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(nowSeconds),
        'webhook-signature': `v1,${emptyKeyHmac(`msg_1.${nowSeconds}.${body.toString()}`)}`,
      };
      const scheme = schemeOf('standard-webhooks');
      expect(verifyDelivery({ headers, body }, scheme, [empty], now)).toEqual(refused('no-match'));
      expect(() => signDelivery(body, scheme, empty, stamp)).toThrow(TypeError);
    },
  );

  test('the next secret is still tried', () => {
    const headers = signDelivery(body, schemeOf('genesys-webhook'), secret, stamp);
    const verification = verifyDelivery({ headers, body }, schemeOf('genesys-webhook'), ['', secret], now);
    expect(verification).toMatchObject(verifiedBy(1));
  });
});

describe('hostile headers', () => {
  const names = fc.constantFrom(
    'x-genesys-webhook-signature',
    'x-genesys-signature',
    'x-hub-signature-256',
    'webhook-id',
    'webhook-timestamp',
    'webhook-signature',
    'x-relay-signature',
    'x-relay-timestamp',
    'x-api-key',
    '__proto__',
    'constructor',
  );
  const values: fc.Arbitrary<unknown> = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom(
      'a'.repeat(65_536),
      ' '.repeat(65_536),
      'v1, '.repeat(16_384),
      '',
      '\0',
      '\r\n',
      '\uD800',
    ),
    fc.constantFrom(
      `v0=${'a'.repeat(64)}`,
      `v1,${'A'.repeat(43)}=`,
      `sha256=${'A'.repeat(43)}=`,
      String(nowSeconds),
    ),
    fc.array(fc.string()),
    fc.anything(),
  );
  const headers = fc
    .array(fc.tuple(names, values))
    // A caller may lie about the type; `fromEntries` makes even `__proto__` a property of its own.
    .map((entries) => Object.fromEntries(entries) as Record<string, string>);
  const anyScheme = fc.oneof(
    fc.constantFrom(...schemes.map(([, scheme]) => scheme)),
    fc.record({
      kind: fc.constant('hmac' as const),
      headers: fc.array(names),
      encoding: fc.constantFrom('hex' as const, 'base64' as const),
      prefix: fc.constantFrom('', 'v0='),
      timestampHeader: names,
    }),
    fc.record({ kind: fc.constant('static-header' as const), header: names }),
  );
  const anySecrets = fc.array(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('whsec_', 'whsec_\uD800')),
  );

  test('never throw and never verify', () => {
    fc.assert(
      fc.property(headers, anyScheme, anySecrets, fc.uint8Array(), (given, scheme, secrets, bytes) => {
        const unguessed = secrets.filter((each) => !Object.values(given).includes(each));
        const { outcome } = verifyDelivery({ headers: given, body: bytes }, scheme, unguessed, now);
        expect(outcome).toBe('refused');
      }),
      { numRuns: 2_000 },
    );
  });

  test('an inherited property is not a header', () => {
    const inherited = Object.create({ 'x-api-key': secret }) as Record<string, string>;
    const scheme = schemeOf({ kind: 'static-header', header: 'x-api-key' });
    expect(verifyDelivery({ headers: inherited, body }, scheme, [secret], now)).toEqual(
      refused('missing-header'),
    );
  });
});

test('what was not verified does not pass for verified', () => {
  // @ts-expect-error -- the brand is a symbol that this module does not export
  const forged: VerifiedDelivery = { body, signedId: undefined, secretIndex: 0 };
  expect(Object.getOwnPropertySymbols(forged)).toEqual([]);
});

function nextLetter(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  return alphabet.charAt(alphabet.indexOf(letter) + 1);
}
