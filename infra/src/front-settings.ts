import Type, { type Static } from 'typebox';
import { strict, text, whole } from './stage-fields.ts';

const HOST_NAME = '(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}';

const hostName = (example: string) =>
  text(`^${HOST_NAME}$`, `must be a host name in lower case such as ${example}`);

/** The only ages at which CloudWatch deletes a log. */
const LOG_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;

const domainSchema = strict({
  name: hostName('hooks.example.com'),
  /** A public hosted zone of Route 53 in the stage's account: the certificate is validated there, and the name is put there. */
  zone: hostName('example.com'),
  /** Mutual TLS: senders without a certificate that this bundle has the issuer of are turned away before anything is read. */
  truststore: Type.Optional(
    strict({
      /** Of the PEM bundle in the stage's truststore bucket, which foundation makes. */
      key: text('^[A-Za-z0-9][A-Za-z0-9._/-]{0,254}$', 'must be the key of an S3 object'),
      /** Of the object: a new one is what makes the API read the bundle again. */
      version: Type.Optional(text('^[A-Za-z0-9._-]{1,1024}$', 'must be the version of an S3 object')),
    }),
  ),
});

const edgeSchema = strict({
  /** From one address, in any five minutes; above it WAF answers 403. */
  requestsPerAddress: whole(10, 2_000_000_000, 'requests'),
  /** What CloudFront shows to an API with a truststore, so that nobody goes past WAF. Imported into ACM in us-east-1. */
  clientCertificate: Type.Optional(
    text(
      '^arn:aws:acm:us-east-1:[0-9]{12}:certificate/[0-9a-f-]{36}$',
      'must be the ARN of a certificate of ACM in us-east-1',
    ),
  ),
});

/** What is in front of ingest. Each part may be left out, and so may all. */
export const frontSchema = strict({
  /** How long a line for each request is kept: when, from where, which route, which answer. Without it none is written. */
  accessLogDays: Type.Optional(
    Type.Enum([...LOG_DAYS], { description: `must be one of ${LOG_DAYS.join(', ')} days` }),
  ),
  /** Without it the API has the name that AWS makes up. */
  domain: Type.Optional(domainSchema),
  /** CloudFront with WAF: an HTTP API takes no WAF itself. */
  edge: Type.Optional(edgeSchema),
});

/** A name of the stage's own for the API. */
export type DomainSettings = Static<typeof domainSchema>;

/** CloudFront and WAF. */
export type EdgeSettings = Static<typeof edgeSchema>;

/** What the parts of the front do not allow together, a line each. */
export function frontProblems({ domain, edge }: Static<typeof frontSchema>): readonly string[] {
  const isInZone = !domain || domain.name === domain.zone || domain.name.endsWith(`.${domain.zone}`);
  return [
    ...(isInZone ? [] : ['front.domain.name: must be front.domain.zone, or end with a dot and it']),
    ...(edge && !domain ? ['front.edge: needs front.domain, the name that CloudFront serves'] : []),
    ...edgeProblems(domain, edge),
  ];
}

/** CloudFront ends TLS, so behind it the certificate that the API sees is CloudFront's. */
function edgeProblems(domain: DomainSettings | undefined, edge: EdgeSettings | undefined): readonly string[] {
  if (!edge || !domain) return [];
  if (domain.truststore && !edge.clientCertificate)
    return [
      'front.edge.clientCertificate: is missing; with front.domain.truststore CloudFront has to show one',
    ];
  if (!domain.truststore && edge.clientCertificate)
    return ['front.domain.truststore: is missing; without it nobody looks at front.edge.clientCertificate'];
  return [];
}
