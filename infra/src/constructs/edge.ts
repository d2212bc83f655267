import { CloudfrontDistribution } from '@cdktn/provider-aws/lib/cloudfront-distribution/index.js';
import { DataAwsCloudfrontCachePolicy } from '@cdktn/provider-aws/lib/data-aws-cloudfront-cache-policy/index.js';
import { DataAwsCloudfrontOriginRequestPolicy } from '@cdktn/provider-aws/lib/data-aws-cloudfront-origin-request-policy/index.js';
import { Wafv2WebAcl, type Wafv2WebAclRule } from '@cdktn/provider-aws/lib/wafv2-web-acl/index.js';
import type { Construct } from 'constructs';
import type { EdgeSettings } from '../front-settings.ts';
import type { Names } from '../names.ts';

/** Longer than the longest that an HTTP API waits itself, so that it is the API that gives up. */
const ORIGIN_TIMEOUT_SECONDS = 35;

/** Where the distribution stands, and where it leads. */
export interface EdgeProps {
  readonly edge: EdgeSettings;
  readonly names: Names;
  readonly domainName: string;
  /** The API's regional name, which has a certificate for `domainName` too: CloudFront asks it for the host that it was asked for. */
  readonly originDomainName: string;
  readonly certificateArn: string;
  readonly region: string;
}

/** What a record of the zone can lead to. */
export interface AliasTarget {
  readonly domainName: string;
  readonly zoneId: string;
}

/** CloudFront that passes every request on as it is, and WAF that turns floods and known bad addresses away. */
export function edge(scope: Construct, props: EdgeProps): AliasTarget {
  const { domainName, originDomainName, certificateArn, edge: settings } = props;
  const acl = webAcl(scope, props);
  const uncached = new DataAwsCloudfrontCachePolicy(scope, 'uncached', { name: 'Managed-CachingDisabled' });
  const untouched = new DataAwsCloudfrontOriginRequestPolicy(scope, 'untouched', {
    name: 'Managed-AllViewer',
  });
  const distribution = new CloudfrontDistribution(scope, 'edge', {
    enabled: true,
    comment: props.names.edge,
    aliases: [domainName],
    isIpv6Enabled: true,
    httpVersion: 'http2and3',
    webAclId: acl.arn,
    origin: [{ originId: 'api', domainName: originDomainName, customOriginConfig: origin(settings) }],
    defaultCacheBehavior: {
      targetOriginId: 'api',
      allowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
      cachedMethods: ['GET', 'HEAD'],
      viewerProtocolPolicy: 'https-only',
      cachePolicyId: uncached.id,
      // A signature is over what the sender sent: no header may be missing.
      originRequestPolicyId: untouched.id,
    },
    restrictions: { geoRestriction: { restrictionType: 'none' } },
    viewerCertificate: {
      acmCertificateArn: certificateArn,
      sslSupportMethod: 'sni-only',
      minimumProtocolVersion: 'TLSv1.2_2021',
    },
  });
  return { domainName: distribution.domainName, zoneId: distribution.hostedZoneId };
}

const origin = ({ clientCertificate }: EdgeSettings) => ({
  httpPort: 80,
  httpsPort: 443,
  originProtocolPolicy: 'https-only',
  originSslProtocols: ['TLSv1.2'],
  originReadTimeout: ORIGIN_TIMEOUT_SECONDS,
  ...(clientCertificate !== undefined && {
    originMtlsConfig: { clientCertificateArn: clientCertificate },
  }),
});

/** In Terraform's own words: the provider's type leaves it open because statements nest. */
type RuleStatement =
  | { readonly rate_based_statement: { readonly limit: number; readonly aggregate_key_type: 'IP' } }
  | {
      readonly managed_rule_group_statement: { readonly name: string; readonly vendor_name: 'AWS' };
    };

/** No rule looks at bodies: what customers say may well look like an attack. */
function webAcl(scope: Construct, { edge: settings, names, region }: EdgeProps): Wafv2WebAcl {
  return new Wafv2WebAcl(scope, 'edge_acl', {
    name: names.edge,
    region,
    scope: 'CLOUDFRONT',
    defaultAction: { allow: {} },
    visibilityConfig: visibility(names.edge),
    rule: [
      {
        ...aclRule('flood', 0, {
          rate_based_statement: { limit: settings.requestsPerAddress, aggregate_key_type: 'IP' },
        }),
        action: { block: {} },
      },
      {
        ...aclRule('reputation', 1, {
          managed_rule_group_statement: {
            name: 'AWSManagedRulesAmazonIpReputationList',
            vendor_name: 'AWS',
          },
        }),
        overrideAction: { none: {} },
      },
    ],
  });
}

const aclRule = (name: string, priority: number, statement: RuleStatement): Wafv2WebAclRule => ({
  name,
  priority,
  statement,
  visibilityConfig: visibility(name),
});

/** Counted, and no sample kept: a sample has the headers, and among them the signature. */
const visibility = (metricName: string) => ({
  metricName,
  cloudwatchMetricsEnabled: true,
  sampledRequestsEnabled: false,
});
