import { Apigatewayv2ApiMapping } from '@cdktn/provider-aws/lib/apigatewayv2-api-mapping/index.js';
import { Apigatewayv2DomainName } from '@cdktn/provider-aws/lib/apigatewayv2-domain-name/index.js';
import type { Apigatewayv2Stage } from '@cdktn/provider-aws/lib/apigatewayv2-stage/index.js';
import { DataAwsRoute53Zone } from '@cdktn/provider-aws/lib/data-aws-route53-zone/index.js';
import { Route53Record } from '@cdktn/provider-aws/lib/route53-record/index.js';
import type { Construct } from 'constructs';
import type { DomainSettings, EdgeSettings } from '../front-settings.ts';
import type { Names } from '../names.ts';
import { certificates } from './certificate.ts';
import { edge as edgeInFront } from './edge.ts';
import { stageOf } from './stage-of.ts';

/** CloudFront and its WAF are configured there, wherever the stage is. */
const EDGE_REGION = 'us-east-1';

/** Which name, with or without CloudFront in front, for which stage of the API. */
export interface WebhooksDomainProps {
  readonly domain: DomainSettings;
  readonly edge: EdgeSettings | undefined;
  readonly apiStage: Apigatewayv2Stage;
  readonly names: Names;
}

/** A name of the stage's own for the API, with its certificate, and the record that leads there. */
export function webhooksDomain(scope: Construct, props: WebhooksDomainProps): void {
  const { domain, edge, apiStage, names } = props;
  const zone = new DataAwsRoute53Zone(scope, 'zone', { name: domain.zone, privateZone: false });
  const { region } = stageOf(scope);
  const alsoIn = edge && region !== EDGE_REGION ? [EDGE_REGION] : [];
  const proven = certificates(scope, { domainName: domain.name, zoneId: zone.zoneId, alsoIn });
  const ofApi = apiDomain(scope, domain, names, proven.own);
  new Apigatewayv2ApiMapping(scope, 'domain_mapping', {
    apiId: apiStage.apiId,
    domainName: ofApi.domainName,
    stage: apiStage.name,
  });
  const { targetDomainName, hostedZoneId } = ofApi.domainNameConfiguration;
  const target = edge
    ? edgeInFront(scope, {
        ...{ edge, names, domainName: domain.name, originDomainName: targetDomainName },
        certificateArn: proven.elsewhere.get(EDGE_REGION) ?? proven.own,
        region: EDGE_REGION,
      })
    : { domainName: targetDomainName, zoneId: hostedZoneId };
  for (const type of edge ? ['A', 'AAAA'] : ['A']) {
    new Route53Record(scope, `domain_${type.toLowerCase()}`, {
      zoneId: zone.zoneId,
      name: domain.name,
      type,
      alias: { name: target.domainName, zoneId: target.zoneId, evaluateTargetHealth: false },
    });
  }
}

const apiDomain = (
  scope: Construct,
  { name, truststore }: DomainSettings,
  names: Names,
  certificateArn: string,
): Apigatewayv2DomainName =>
  new Apigatewayv2DomainName(scope, 'domain', {
    domainName: name,
    domainNameConfiguration: { certificateArn, endpointType: 'REGIONAL', securityPolicy: 'TLS_1_2' },
    ...(truststore && {
      mutualTlsAuthentication: {
        truststoreUri: `s3://${names.truststoreBucket}/${truststore.key}`,
        ...(truststore.version !== undefined && { truststoreVersion: truststore.version }),
      },
    }),
  });
