import { AcmCertificate } from '@cdktn/provider-aws/lib/acm-certificate/index.js';
import { AcmCertificateValidation } from '@cdktn/provider-aws/lib/acm-certificate-validation/index.js';
import { Route53Record } from '@cdktn/provider-aws/lib/route53-record/index.js';
import type { Construct } from 'constructs';

const PROOF_TTL_SECONDS = 300;

/** What a certificate is for, and where it proves it. */
export interface CertificateProps {
  readonly domainName: string;
  readonly zoneId: string;
  /** Other regions that need one too: for one name and account ACM asks for the same proof everywhere. */
  readonly alsoIn: readonly string[];
}

/** The ARN of the validated certificate in the stage's region, and in each of the others by region. */
export interface Certificates {
  readonly own: string;
  readonly elsewhere: ReadonlyMap<string, string>;
}

/** A certificate that renews itself for as long as its record stays in the zone. */
export function certificates(
  scope: Construct,
  { domainName, zoneId, alsoIn }: CertificateProps,
): Certificates {
  const own = certificate(scope, 'certificate', domainName);
  const proof = own.domainValidationOptions.get(0);
  const record = new Route53Record(scope, 'certificate_proof', {
    zoneId,
    name: proof.resourceRecordName,
    type: proof.resourceRecordType,
    records: [proof.resourceRecordValue],
    ttl: PROOF_TTL_SECONDS,
    // Another stage may have proved the same name before; the proof is the account's and never differs.
    allowOverwrite: true,
  });
  const elsewhere = alsoIn.map((region) => {
    const made = certificate(scope, `certificate_${region}`, domainName, region);
    return [region, validated(scope, made, record, region)] as const;
  });
  return { own: validated(scope, own, record), elsewhere: new Map(elsewhere) };
}

/** The old one serves until the new one does. */
const certificate = (scope: Construct, id: string, domainName: string, region?: string): AcmCertificate =>
  new AcmCertificate(scope, id, {
    domainName,
    validationMethod: 'DNS',
    ...(region !== undefined && { region }),
    lifecycle: { createBeforeDestroy: true },
  });

const validated = (scope: Construct, made: AcmCertificate, record: Route53Record, region?: string): string =>
  new AcmCertificateValidation(scope, `${made.node.id}_validated`, {
    certificateArn: made.arn,
    validationRecordFqdns: [record.fqdn],
    ...(region !== undefined && { region }),
  }).certificateArn;
