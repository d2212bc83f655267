import { createHash, createHmac } from 'node:crypto';
import type { SignatureScheme } from '@aftercall/signing';
import type { Headers } from './read-headers.ts';

/** A difference between what was done and what is wanted, in words for the sender. */
export interface Mistake {
  readonly code: MistakeCode;
  readonly text: string;
}

export type MistakeCode =
  | 'other-source'
  | 'secret-whitespace'
  | 'secret-decoding'
  | 'body-reserialised'
  | 'body-trailing-newline'
  | 'body-line-endings'
  | 'body-base64'
  | 'body-byte-order-mark'
  | 'encoding'
  | 'prefix'
  | 'header-name'
  | 'signed-text'
  | 'algorithm'
  | 'timestamp-unit';

/** A secret to try; `mistake` says what it would mean if it were the one. */
export interface CandidateSecret {
  readonly value: string;
  readonly mistake?: Mistake;
}

/** What was received, how it should be signed, and with what it may have been. */
export interface Suspect {
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly scheme: Exclude<SignatureScheme, { readonly kind: 'static-header' }>;
  readonly secrets: readonly CandidateSecret[];
}

/** Something to try, with the mistakes it stands for: none for what is right. */
interface Variant<T> {
  readonly value: T;
  readonly mistakes: readonly Mistake[];
}

/**
 * The fewest mistakes that explain the signature, or none when nothing tried explains it.
 * Tries every secret with every form of the body, of the signed text, of the key and of the signature.
 */
export function signedByMistake(suspect: Suspect): readonly Mistake[] | undefined {
  const digests = digestsIn(suspect);
  const bytes = new Set(digests.map(({ value }) => value.byteLength));
  const explanations = triesOf(suspect).flatMap(({ key, before, body, mistakes }) =>
    macsOf(key, before, body, bytes).flatMap(({ algorithm, mac }) =>
      digests
        .filter(({ value }) => value.equals(mac))
        .map((digest) => [...mistakes, ...algorithm, ...digest.mistakes]),
    ),
  );
  return explanations.sort((left, right) => left.length - right.length)[0];
}

interface Try {
  readonly key: Buffer;
  readonly before: string;
  readonly body: Uint8Array;
  readonly mistakes: readonly Mistake[];
}

/** More at once than this is no explanation any more, and trying it would take minutes for a large body. */
const MAX_MISTAKES_IN_WHAT_WAS_SIGNED = 2;

function triesOf(suspect: Suspect): readonly Try[] {
  const bodies = bodiesOf(suspect.body);
  const befores = beforesOf(suspect);
  return keysOf(suspect).flatMap((key) =>
    bodies.flatMap((body) =>
      befores
        .map((before) => ({
          key: key.value,
          body: body.value,
          before: before.value,
          mistakes: [...key.mistakes, ...body.mistakes, ...before.mistakes],
        }))
        .filter(({ mistakes }) => mistakes.length <= MAX_MISTAKES_IN_WHAT_WAS_SIGNED),
    ),
  );
}

/** Those hashes of a try that are as long as one of the digests found. */
function macsOf(key: Buffer, before: string, body: Uint8Array, digestBytes: ReadonlySet<number>) {
  const named = (text: string): readonly Mistake[] => [{ code: 'algorithm', text }];
  const hmac = (name: string) => createHmac(name, key).update(before).update(body).digest();
  const [sha1, sha256, sha512] = [20, 32, 64].map((bytes) => digestBytes.has(bytes));
  return [
    ...(sha256 ? [{ algorithm: [], mac: hmac('sha256') }] : []),
    ...(sha256 ? [{ algorithm: named(WITHOUT_SECRET), mac: plainHash(before, body) }] : []),
    ...(sha1 ? [{ algorithm: named('it is an HMAC-SHA1; HMAC-SHA256 is wanted'), mac: hmac('sha1') }] : []),
    ...(sha512
      ? [{ algorithm: named('it is an HMAC-SHA512; HMAC-SHA256 is wanted'), mac: hmac('sha512') }]
      : []),
  ];
}

const WITHOUT_SECRET = 'it is a plain SHA-256 of the body, without the secret; HMAC-SHA256 is wanted';

const plainHash = (before: string, body: Uint8Array): Buffer =>
  createHash('sha256').update(before).update(body).digest();

function right<T>(value: T): Variant<T> {
  return { value, mistakes: [] };
}

function wrong<T>(value: T, code: MistakeCode, text: string): Variant<T> {
  return { value, mistakes: [{ code, text }] };
}

/** Each secret as the key it should be, and as the keys that people make of it. */
function keysOf({ scheme, secrets }: Suspect): readonly Variant<Buffer>[] {
  return secrets.flatMap(({ value, mistake }) =>
    (scheme.kind === 'standard-webhooks' ? standardWebhooksKeys(value) : textKeys(value)).map((key) => ({
      value: key.value,
      mistakes: mistake === undefined ? key.mistakes : [mistake, ...key.mistakes],
    })),
  );
}

function textKeys(secret: string): readonly Variant<Buffer>[] {
  const decoded = (encoding: 'hex' | 'base64') =>
    wrong(
      Buffer.from(secret, encoding),
      'secret-decoding',
      `the secret was decoded from ${encoding} first; its text itself is the key`,
    );
  return [
    right(Buffer.from(secret)),
    ...['\n', '\r\n', ' '].map((end) =>
      wrong(
        Buffer.from(secret + end),
        'secret-whitespace',
        'the secret was used with white space after it, such as the line end of a file; strip it',
      ),
    ),
    ...(/^(?:[0-9a-fA-F]{2})+$/.test(secret) ? [decoded('hex')] : []),
    ...(/^[A-Za-z0-9+/]{16,}={0,2}$/.test(secret) ? [decoded('base64')] : []),
  ];
}

function standardWebhooksKeys(secret: string): readonly Variant<Buffer>[] {
  if (!secret.startsWith('whsec_')) return textKeys(secret);
  const bare = secret.slice('whsec_'.length);
  return [
    right(Buffer.from(bare, 'base64')),
    wrong(
      Buffer.from(secret),
      'secret-decoding',
      'the whole text of the secret was used as the key; the key is what the base64 after whsec_ decodes to',
    ),
    wrong(
      Buffer.from(bare),
      'secret-decoding',
      'the text after whsec_ was used as the key; the key is what that base64 decodes to',
    ),
  ];
}

/** What stands before the body in the signed text. */
function beforesOf({ headers, scheme }: Suspect): readonly Variant<string>[] {
  const signed = signedParts(scheme, headers);
  if (signed.length === 0) return [right('')];
  const without = wrong(
    '',
    'signed-text',
    `only the body was signed; ${wantedText(scheme)} is what has to be signed`,
  );
  const timestampOnly = wrong(
    `${signed.at(-1)}.`,
    'signed-text',
    `{timestamp}.{body} was signed; ${wantedText(scheme)} is what has to be signed`,
  );
  return [right(`${signed.join('.')}.`), without, ...(signed.length > 1 ? [timestampOnly] : [])];
}

function signedParts(scheme: Suspect['scheme'], headers: Headers): readonly string[] {
  if (scheme.kind === 'standard-webhooks')
    return [headers['webhook-id'] ?? '', headers['webhook-timestamp'] ?? ''];
  return scheme.timestampHeader === undefined ? [] : [headers[scheme.timestampHeader] ?? ''];
}

/** The text that the scheme signs, as a formula. */
export function wantedText(scheme: SignatureScheme): string {
  if (scheme.kind === 'standard-webhooks') return '{webhook-id}.{webhook-timestamp}.{body}';
  return scheme.kind === 'hmac' && scheme.timestampHeader !== undefined ? '{timestamp}.{body}' : 'the body';
}

/** The bytes as received, and what the sender may have signed instead of them. */
function bodiesOf(body: Uint8Array): readonly Variant<Uint8Array>[] {
  const buffer = Buffer.from(body);
  const latin = buffer.toString('latin1');
  const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
  const changed = (text: string, code: MistakeCode, words: string) =>
    text === latin ? [] : [wrong(bytes(text), code, words)];
  const newline = 'body-trailing-newline';
  const endings = 'body-line-endings';
  return [
    right(body),
    ...changed(`${latin}\n`, newline, 'the body was signed with a newline at its end and sent without it'),
    ...changed(`${latin}\r\n`, newline, 'the body was signed with a CRLF at its end and sent without it'),
    ...changed(
      latin.replace(/(?:\r?\n)+$/, ''),
      newline,
      'the body was signed without the newline that it was sent with; an editor, `echo` or a heredoc adds one',
    ),
    ...changed(
      latin.replaceAll('\r\n', '\n'),
      endings,
      'the body was signed with LF line ends and sent with CRLF',
    ),
    ...changed(
      latin.replaceAll(/\r?\n/g, '\r\n'),
      endings,
      'the body was signed with CRLF line ends and sent with LF',
    ),
    ...changed(
      latin.replace(/^\xEF\xBB\xBF/, ''),
      'body-byte-order-mark',
      'the body was sent with a byte order mark that was not signed',
    ),
    ...reserialised(buffer),
    ...base64Forms(buffer),
  ];
}

const RESERIALISED =
  'the body was parsed and written again between signing and sending; sign and send the very same bytes';

function reserialised(body: Buffer): readonly Variant<Uint8Array>[] {
  try {
    const value: unknown = JSON.parse(body.toString());
    const compact = JSON.stringify(value);
    const forms: readonly (readonly [string, string])[] = [
      [compact, 'compact JSON of it was signed'],
      [compact.replaceAll(/[\u0080-\uffff]/g, escaped), 'compact JSON with \\u escapes was signed'],
      [spaced(compact), 'JSON with a space after each colon and comma was signed, as Python writes it'],
      [spaced(compact).replaceAll(/[\u0080-\uffff]/g, escaped), 'JSON as Python writes it was signed'],
      [JSON.stringify(value, undefined, 2), 'JSON indented by 2 was signed'],
      [JSON.stringify(value, undefined, 4), 'JSON indented by 4 was signed'],
    ];
    return forms
      .map(([text, words]) => ({ bytes: Buffer.from(text), words }))
      .filter(({ bytes }) => !bytes.equals(body))
      .map(({ bytes, words }) => wrong(bytes, 'body-reserialised', `${RESERIALISED} (${words})`));
  } catch {
    return [];
  }
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Spaces outside of strings only. */
function spaced(compact: string): string {
  return compact.replaceAll(/"(?:[^"\\]|\\.)*"|[:,]/g, (part) =>
    part === ':' || part === ',' ? `${part} ` : part,
  );
}

const BASE64_TEXT = /^[A-Za-z0-9+/\r\n]+={0,2}\s*$/;

function base64Forms(body: Buffer): readonly Variant<Uint8Array>[] {
  const text = body.toString('latin1');
  const encoded = wrong(
    Buffer.from(body.toString('base64')),
    'body-base64',
    'the base64 text of the body was signed; sign the bytes themselves',
  );
  if (!BASE64_TEXT.test(text)) return [encoded];
  const decoded = wrong(
    Buffer.from(text, 'base64'),
    'body-base64',
    'the file holds base64, and what it decodes to was signed: decode it (an API Gateway event has isBase64Encoded)',
  );
  return [encoded, decoded];
}

/** Every digest that stands in a header, with what is wrong about where and how it stands there. */
function digestsIn({ headers, scheme }: Suspect): readonly Variant<Buffer>[] {
  const wanted = signatureHeaders(scheme);
  return Object.entries(headers).flatMap(([name, value]) => {
    if (!wanted.includes(name) && !looksLikeSignatureHeader(name)) return [];
    const misplaced = wanted.includes(name)
      ? []
      : [{ code: 'header-name', text: `it is in ${name}; it belongs in ${wanted.join(' or ')}` } as const];
    // Several signatures stand side by side; `v1,…` has a comma of its own, so the whole is read too.
    const several = value.split(scheme.kind === 'hmac' ? /[ ,]+/ : / +/);
    return [...new Set([...several, value])]
      .flatMap((text) => digestsOf(text, scheme))
      .map((digest) => ({ value: digest.value, mistakes: [...misplaced, ...digest.mistakes] }));
  });
}

/** The headers in which the scheme looks for a signature. */
export function signatureHeaders(scheme: SignatureScheme): readonly string[] {
  if (scheme.kind === 'hmac') return scheme.headers;
  return scheme.kind === 'standard-webhooks' ? ['webhook-signature'] : [scheme.header];
}

/** Whether a header may hold a signature, of whatever scheme. */
export const looksLikeSignatureHeader = (name: string): boolean => /signature|hmac|digest/.test(name);

const PREFIX = /^(?:sha(?:1|256|512)[=:,]|v\d+[=,:]|hmac[- ]sha256[ =:]|signature[ =:])/i;

function digestsOf(text: string, scheme: Suspect['scheme']): readonly Variant<Buffer>[] {
  const [wantedPrefix, wantedEncoding] = formOf(scheme);
  const found = text.startsWith(wantedPrefix) && wantedPrefix !== '' ? wantedPrefix : foundPrefix(text);
  const prefixMistakes: readonly Mistake[] =
    found === wantedPrefix ? [] : [{ code: 'prefix', text: prefixText(found, wantedPrefix) }];
  return encodingsOf(text.slice(found.length)).map(({ encoding, value }) => ({
    value,
    mistakes:
      encoding === wantedEncoding
        ? prefixMistakes
        : [
            ...prefixMistakes,
            { code: 'encoding', text: `it is written as ${encoding}; ${wantedEncoding} is wanted` },
          ],
  }));
}

const foundPrefix = (text: string): string => PREFIX.exec(text)?.[0] ?? '';

function prefixText(found: string, wanted: string): string {
  const shown = JSON.stringify(found);
  if (wanted === '') return `it is written with ${shown} before the signature; nothing belongs there`;
  const instead = found === '' ? 'without the' : `with ${shown} instead of the`;
  return `it is written ${instead} prefix ${JSON.stringify(wanted)}`;
}

function formOf(scheme: Suspect['scheme']): readonly [prefix: string, encoding: 'hex' | 'base64'] {
  return scheme.kind === 'hmac' ? [scheme.prefix, scheme.encoding] : ['v1,', 'base64'];
}

/** Every reading of a signature's text that gives bytes. */
function encodingsOf(given: string): readonly { readonly encoding: string; readonly value: Buffer }[] {
  const text = given.replace(/^"(.*)"$/, '$1');
  const readings: { encoding: string; value: Buffer }[] = [];
  if (/^(?:[0-9a-f]{2})+$/i.test(text)) readings.push({ encoding: 'hex', value: Buffer.from(text, 'hex') });
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return readings;
  const decoded = Buffer.from(text, 'base64');
  const isPlain = decoded.toString('base64') === text;
  readings.push({ encoding: isPlain ? 'base64' : 'base64url or base64 without padding', value: decoded });
  if (/^(?:[0-9a-f]{2})+$/i.test(decoded.toString('latin1')))
    readings.push({
      encoding: 'base64 of the hex text',
      value: Buffer.from(decoded.toString('latin1'), 'hex'),
    });
  return readings;
}
