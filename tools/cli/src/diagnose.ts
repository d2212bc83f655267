import { isDeepStrictEqual } from 'node:util';
import { schemeOf, TOLERANCE_SECONDS, verifyDelivery } from '@aftercall/signing';
import type { RefusalCode, SignatureScheme } from '@aftercall/signing';
import { duration } from './readable.ts';
import type { Headers } from './read-headers.ts';
import {
  looksLikeSignatureHeader,
  signatureHeaders,
  signedByMistake,
  wantedText,
} from './signed-by-mistake.ts';
import type { CandidateSecret, Mistake } from './signed-by-mistake.ts';
import type { SigningSecrets, StageSource } from './stage-access.ts';

/** A source with its secrets. */
export interface SecretedSource {
  readonly source: StageSource;
  readonly secrets: SigningSecrets;
}

export interface DiagnosisInput {
  readonly headers: Headers;
  /** The exact bytes received. */
  readonly body: Uint8Array;
  readonly claimed: SecretedSource;
  /** The other sources of the stage: a mixed-up secret is one of theirs. */
  readonly others: readonly SecretedSource[];
  readonly now: Date;
}

/** Why a signature holds or does not; no secret and no expected signature is in it. */
export interface Diagnosis {
  readonly outcome: 'verified' | 'refused';
  readonly code?: RefusalCode;
  readonly source: string;
  readonly expected: {
    readonly scheme: string;
    readonly headers: readonly string[];
    readonly encoding?: string;
    readonly prefix?: string;
    readonly signed: string;
  };
  readonly found: readonly { readonly header: string; readonly form: string }[];
  readonly bodyBytes: number;
  /** Whatever else is worth knowing, in sentences. */
  readonly findings: readonly string[];
  /** What explains the refusal; empty when nothing that was tried does. */
  readonly mistakes: readonly Mistake[];
}

/** Checks a delivery as ingest does and, when it is refused, tries the usual mistakes of senders. */
export function diagnose(input: DiagnosisInput): Diagnosis {
  const { headers, body, claimed, now } = input;
  const scheme = schemeOf(claimed.source.scheme);
  const secrets = secretsOf(claimed);
  const verification = verifyDelivery({ headers, body }, scheme, secrets, now);
  const common = {
    source: claimed.source.key,
    expected: expectedOf(claimed.source, scheme),
    found: foundIn(headers, scheme),
    bodyBytes: body.byteLength,
  };
  if (verification.outcome === 'verified') {
    const { secretIndex } = verification.delivery;
    return { ...common, outcome: 'verified', findings: agedSecret(secretIndex), mistakes: [] };
  }
  const { code } = verification;
  // What never had the wanted form may still be recognised; a stale one may be right but for its age.
  const explained = meantForOther(input) ?? mistakesIn(input, scheme);
  return {
    ...common,
    outcome: 'refused',
    code,
    findings: [
      ...(secrets.length === 0 ? ['the source has no signing secret, so every delivery is refused'] : []),
      ...headerFindings(headers, scheme),
      ...timestampFindings(headers, scheme, now),
      ...(explained?.length === 0 ? ['the signature itself is right'] : []),
      ...(explained === undefined && common.found.length > 0 ? [NOT_RECOGNISED] : []),
      ...(body.byteLength === 0 ? ['the body is empty'] : []),
    ],
    mistakes: explained ?? [],
  };
}

const NOT_RECOGNISED =
  'the signature is not recognised: with no secret of this stage does any usual form of this body give it. Compare the secret at the sender, and take headers and body from one and the same request, byte for byte';

/** A delivery that is right, for another way in. */
function meantForOther({
  headers,
  body,
  claimed,
  others,
  now,
}: DiagnosisInput): readonly Mistake[] | undefined {
  const meant = others.find((other) => {
    const scheme = schemeOf(other.source.scheme);
    // Where both sign alike only the secret is wrong, and that is explained with all else that may be.
    if (isDeepStrictEqual(scheme, schemeOf(claimed.source.scheme))) return false;
    return verifyDelivery({ headers, body }, scheme, secretsOf(other), now).outcome === 'verified';
  });
  if (meant === undefined) return undefined;
  const { key } = meant.source;
  return [
    {
      code: 'other-source',
      text: `it is right for source ${key}, whose scheme is another one: send it to /webhooks/${key}`,
    },
  ];
}

function mistakesIn(input: DiagnosisInput, scheme: SignatureScheme): readonly Mistake[] | undefined {
  return scheme.kind === 'static-header' ? staticMistakes(input, scheme) : hmacMistakes(input, scheme);
}

function secretsOf({ secrets: { current, previous } }: SecretedSource): readonly string[] {
  return [current, previous].filter((secret) => secret !== undefined);
}

function agedSecret(secretIndex: number): readonly string[] {
  if (secretIndex === 0) return [];
  return [
    'it is signed with AWSPREVIOUS, the secret before the last rotation: still accepted, until the next rotation',
  ];
}

function expectedOf({ scheme: config }: StageSource, scheme: SignatureScheme): Diagnosis['expected'] {
  const name = typeof config === 'string' ? config : config.kind;
  const headers =
    scheme.kind === 'standard-webhooks'
      ? ['webhook-id', 'webhook-timestamp', 'webhook-signature']
      : signatureHeaders(scheme);
  if (scheme.kind === 'static-header')
    return { scheme: name, headers, signed: 'nothing: the header is the secret' };
  const [encoding, prefix] =
    scheme.kind === 'hmac' ? [scheme.encoding, scheme.prefix] : (['base64', 'v1,'] as const);
  return { scheme: name, headers, encoding, prefix, signed: `HMAC-SHA256 of ${wantedText(scheme)}` };
}

/** Signature headers that are there, described and not repeated: a static one is the secret itself. */
function foundIn(headers: Headers, scheme: SignatureScheme): Diagnosis['found'] {
  const wanted = [...signatureHeaders(scheme), ...stampHeaders(scheme)];
  return Object.entries(headers)
    .filter(([name]) => wanted.includes(name) || looksLikeSignatureHeader(name))
    .map(([header, value]) => ({ header, form: formOf(value) }));
}

function stampHeaders(scheme: SignatureScheme): readonly string[] {
  if (scheme.kind === 'standard-webhooks') return ['webhook-id', 'webhook-timestamp'];
  return scheme.kind === 'hmac' && scheme.timestampHeader !== undefined ? [scheme.timestampHeader] : [];
}

const KNOWN_PREFIX = /^(?:sha\d+=|v\d+[,=])/i;

function formOf(value: string): string {
  const prefix = KNOWN_PREFIX.exec(value)?.[0] ?? '';
  const text = value.slice(prefix.length);
  const kind = /^\d{1,13}$/.test(text)
    ? 'digits'
    : /^[0-9a-f]+$/i.test(text)
      ? 'hex characters'
      : /^[A-Za-z0-9+/]+={0,2}$/.test(text)
        ? 'base64 characters'
        : 'characters';
  return `${prefix === '' ? '' : `prefix "${prefix}" and `}${text.length} ${kind}`;
}

function headerFindings(headers: Headers, scheme: SignatureScheme): readonly string[] {
  const present = signatureHeaders(scheme).filter((name) => headers[name] !== undefined);
  const missing = [
    ...(present.length === 0 ? [signatureHeaders(scheme).join(' or ')] : []),
    ...stampHeaders(scheme).filter((name) => headers[name] === undefined),
  ];
  const id = scheme.kind === 'standard-webhooks' ? headers['webhook-id'] : undefined;
  return [
    ...missing.map((name) => `header ${name} is missing`),
    ...(id?.includes('.')
      ? ['webhook-id holds a full stop, which is refused: it separates the signed parts']
      : []),
  ];
}

function timestampFindings(headers: Headers, scheme: SignatureScheme, now: Date): readonly string[] {
  const name = stampHeaders(scheme).at(-1);
  const text = name === undefined ? undefined : headers[name];
  if (name === undefined || text === undefined) return [];
  if (/^\d{13}$/.test(text))
    return [`${name} is in milliseconds; seconds since 1970 are wanted (divide by 1000)`];
  if (!/^\d{1,12}$/.test(text)) return [`${name} is not a whole number of seconds since 1970`];
  const ageSeconds = now.getTime() / 1000 - Number(text);
  if (Math.abs(ageSeconds) <= TOLERANCE_SECONDS) return [];
  const distance = duration(Math.abs(ageSeconds));
  const allowed = duration(TOLERANCE_SECONDS);
  return [
    ageSeconds > 0
      ? `the timestamp is stale: ${distance} old, ${allowed} are allowed (each attempt is stamped and signed anew; a recorded request cannot be checked later)`
      : `the timestamp lies ${distance} in the future, ${allowed} are allowed: the sender's clock is wrong`,
  ];
}

/** The secrets to try: the claimed source's own first, so that they explain before any other does. */
function candidates({ claimed, others }: DiagnosisInput): readonly CandidateSecret[] {
  const own = secretsOf(claimed);
  return [
    ...own.map((value) => ({ value })),
    ...others.flatMap((other) =>
      secretsOf(other)
        .filter((value) => !own.includes(value))
        .map((value, index) => ({ value, mistake: otherSource(other, index, claimed.source.key) })),
    ),
  ];
}

function otherSource({ source }: SecretedSource, index: number, claimed: string): Mistake {
  const version = index === 0 ? '' : ' (AWSPREVIOUS)';
  return {
    code: 'other-source',
    text: `it is signed with the secret of source ${source.key}${version}; send it to /webhooks/${source.key}, or sign it with the secret of ${claimed}`,
  };
}

function hmacMistakes(
  input: DiagnosisInput,
  scheme: Exclude<SignatureScheme, { kind: 'static-header' }>,
): readonly Mistake[] | undefined {
  const { headers, body } = input;
  return signedByMistake({ headers, body, scheme, secrets: candidates(input) });
}

function staticMistakes(
  input: DiagnosisInput,
  { header }: { readonly header: string },
): readonly Mistake[] | undefined {
  const given = input.headers[header];
  if (given === undefined) return undefined;
  const bare = given.replace(/^(?:Bearer|Basic|Token) +/i, '').trim();
  const match = candidates(input).find(({ value }) => value === bare || value.trim() === bare);
  if (match === undefined) return undefined;
  const prefix: Mistake = {
    code: 'prefix',
    text: 'the secret is written with a word or white space around it; the header holds the secret alone',
  };
  return [...(match.mistake ? [match.mistake] : []), ...(match.value === given ? [] : [prefix])];
}
