import { describe, expect, test } from '@jest/globals';
import { StageError, validStage, type StageConfig } from './stage.ts';
import { stageNamed } from './stages.ts';
import { resources, synthesisedStacks, type Block } from './synthesised-stacks.ts';

const dev = stageNamed('dev');
const fullStage = stageNamed('full');
const domain = { name: 'hooks.example.com', zone: 'example.com' };
const withFront = (front: unknown) => ({ ...dev, front }) as StageConfig;
const ingestOf = (stage: StageConfig) => synthesisedStacks(validStage(stage)).ingest;

const plain = ingestOf(dev);
const named = ingestOf(withFront({ domain }));
const full = synthesisedStacks(fullStage);

const only = (blocks: Readonly<Record<string, Block>>): Block => {
  const [block, ...more] = Object.values(blocks);
  if (!block || more.length > 0) throw new Error('not one');
  return block;
};

describe('the access log', () => {
  const log = resources(full.ingest, 'aws_cloudwatch_log_group').access_log;
  const settings = resources(full.ingest, 'aws_apigatewayv2_stage').default_stage?.access_log_settings;

  test('has a line for each request, in an encrypted log that is deleted in time', () => {
    expect(log).toMatchObject({
      name: '/aws/vendedlogs/aftercall-full-webhooks',
      retention_in_days: 30,
      kms_key_id: '${data.aws_kms_alias.stage_key.target_key_arn}',
    });
    expect(settings).toMatchObject({ destination_arn: '${aws_cloudwatch_log_group.access_log.arn}' });
  });

  test('says nothing of what is in a request: no body, no header, no query, nothing that a certificate says', () => {
    const { format } = settings as { format: string };
    const variables = [...format.matchAll(/\$context\.([\w.]+)/g)].map(([, name]) => name);
    expect(variables).toEqual([
      'requestId',
      'requestTime',
      'identity.sourceIp',
      'routeKey',
      'path',
      'status',
      'responseLength',
      'responseLatency',
      'integrationLatency',
      'integrationErrorMessage',
      'error.message',
    ]);
    expect(Object.keys(JSON.parse(format) as object)).toHaveLength(variables.length);
  });

  test('is kept only where a stage says for how long', () => {
    expect(resources(plain, 'aws_apigatewayv2_stage').default_stage).not.toHaveProperty(
      'access_log_settings',
    );
    expect(Object.keys(resources(plain, 'aws_cloudwatch_log_group'))).toEqual(['log']);
  });
});

test('each route has a limit of its own, and what is no POST a low one', () => {
  const { requestsPerSecond, requestBurst } = dev.ingest;
  expect(resources(plain, 'aws_apigatewayv2_stage').default_stage).toMatchObject({
    route_settings: [
      {
        route_key: 'POST /webhooks/{source}',
        throttling_rate_limit: requestsPerSecond,
        throttling_burst_limit: requestBurst,
      },
      { route_key: 'ANY /webhooks/{source}', throttling_rate_limit: 10, throttling_burst_limit: 20 },
    ],
    depends_on: ['aws_apigatewayv2_route.route_post', 'aws_apigatewayv2_route.route_any'],
  });
});

test('the API waits for as long as the stage says, be it the document’s five seconds', () => {
  const stage = { ...dev, ingest: { ...dev.ingest, integrationTimeoutMilliseconds: 5_000 } };
  expect(resources(ingestOf(stage), 'aws_apigatewayv2_integration').integration).toMatchObject({
    timeout_milliseconds: 5_000,
  });
});

describe('a name of the stage’s own', () => {
  test('has a certificate that is validated by a record in its zone', () => {
    expect(named.data?.aws_route53_zone?.zone).toEqual({ name: 'example.com', private_zone: false });
    expect(only(resources(named, 'aws_acm_certificate'))).toEqual({
      domain_name: 'hooks.example.com',
      validation_method: 'DNS',
      lifecycle: { create_before_destroy: true },
    });
    expect(resources(named, 'aws_route53_record').certificate_proof).toMatchObject({
      zone_id: '${data.aws_route53_zone.zone.zone_id}',
      name: '${tolist(aws_acm_certificate.certificate.domain_validation_options).0.resource_record_name}',
    });
    expect(only(resources(named, 'aws_acm_certificate_validation'))).toEqual({
      certificate_arn: '${aws_acm_certificate.certificate.arn}',
      validation_record_fqdns: ['${aws_route53_record.certificate_proof.fqdn}'],
    });
  });

  test('waits for the certificate, and leads to the API', () => {
    expect(only(resources(named, 'aws_apigatewayv2_domain_name'))).toEqual({
      domain_name: 'hooks.example.com',
      domain_name_configuration: {
        certificate_arn: '${aws_acm_certificate_validation.certificate_validated.certificate_arn}',
        endpoint_type: 'REGIONAL',
        security_policy: 'TLS_1_2',
      },
    });
    expect(only(resources(named, 'aws_apigatewayv2_api_mapping'))).toEqual({
      api_id: '${aws_apigatewayv2_stage.default_stage.api_id}',
      domain_name: '${aws_apigatewayv2_domain_name.domain.domain_name}',
      stage: '${aws_apigatewayv2_stage.default_stage.name}',
    });
    expect(resources(named, 'aws_route53_record').domain_a).toMatchObject({
      name: 'hooks.example.com',
      type: 'A',
      alias: {
        name: '${aws_apigatewayv2_domain_name.domain.domain_name_configuration[0].target_domain_name}',
      },
    });
  });

  test('is the only one: the name that AWS makes up is off, and not published', () => {
    expect(only(resources(named, 'aws_apigatewayv2_api')).disable_execute_api_endpoint).toBe(true);
    expect(resources(named, 'aws_ssm_parameter').url?.value).toBe('https://hooks.example.com');
    expect(only(resources(plain, 'aws_apigatewayv2_api'))).not.toHaveProperty('disable_execute_api_endpoint');
  });

  test('is not asked of a stage, and costs it nothing', () => {
    expect(JSON.stringify(plain)).not.toMatch(/aws_(acm|route53|cloudfront|wafv2)/);
  });
});

describe('mutual TLS', () => {
  test('trusts the bundle in the stage’s bucket, in the version that the stage names', () => {
    const { mutual_tls_authentication } = only(resources(full.ingest, 'aws_apigatewayv2_domain_name'));
    expect(mutual_tls_authentication).toEqual({
      truststore_uri: 's3://aftercall-full-truststore-111122223333/relays.pem',
      truststore_version: 'v1',
    });
    expect(named).not.toHaveProperty('mutual_tls_authentication');
  });

  test('finds its bucket, with versions, in foundation: the API cannot be made before the bundle is there', () => {
    expect(resources(full.foundation, 'aws_s3_bucket').truststore?.bucket).toBe(
      'aftercall-full-truststore-111122223333',
    );
    expect(resources(full.foundation, 'aws_s3_bucket_versioning').truststore_versions).toMatchObject({
      versioning_configuration: { status: 'Enabled' },
    });
    expect(resources(synthesisedStacks('dev').foundation, 'aws_s3_bucket')).not.toHaveProperty('truststore');
  });
});

describe('the edge', () => {
  const stack = full.ingest;
  const acl = only(resources(stack, 'aws_wafv2_web_acl'));
  const distribution = only(resources(stack, 'aws_cloudfront_distribution'));

  test('passes every request on as it came, and keeps no answer', () => {
    expect(distribution).toMatchObject({
      aliases: ['hooks.example.com'],
      web_acl_id: '${aws_wafv2_web_acl.edge_acl.arn}',
      default_cache_behavior: {
        viewer_protocol_policy: 'https-only',
        cache_policy_id: '${data.aws_cloudfront_cache_policy.uncached.id}',
        origin_request_policy_id: '${data.aws_cloudfront_origin_request_policy.untouched.id}',
      },
      viewer_certificate: {
        acm_certificate_arn:
          '${aws_acm_certificate_validation.certificate_us-east-1_validated.certificate_arn}',
        minimum_protocol_version: 'TLSv1.2_2021',
      },
    });
    expect(stack.data?.aws_cloudfront_cache_policy?.uncached).toEqual({ name: 'Managed-CachingDisabled' });
    expect(stack.data?.aws_cloudfront_origin_request_policy?.untouched).toEqual({
      name: 'Managed-AllViewer',
    });
  });

  test('shows the API a certificate, so that nobody else gets past WAF', () => {
    expect(distribution.origin).toMatchObject([
      {
        domain_name: '${aws_apigatewayv2_domain_name.domain.domain_name_configuration[0].target_domain_name}',
        custom_origin_config: {
          origin_protocol_policy: 'https-only',
          origin_mtls_config: { client_certificate_arn: fullStage.front?.edge?.clientCertificate },
        },
      },
    ]);
  });

  test('turns floods and known bad addresses away, reads no body and keeps no sample', () => {
    expect(acl).toMatchObject({
      region: 'us-east-1',
      scope: 'CLOUDFRONT',
      default_action: { allow: {} },
      rule: [
        {
          name: 'flood',
          action: { block: {} },
          statement: { rate_based_statement: { limit: 30_000, aggregate_key_type: 'IP' } },
        },
        {
          name: 'reputation',
          override_action: { none: {} },
          statement: {
            managed_rule_group_statement: {
              name: 'AWSManagedRulesAmazonIpReputationList',
              vendor_name: 'AWS',
            },
          },
        },
      ],
    });
    expect(JSON.stringify(acl)).not.toContain('"sampled_requests_enabled":true');
  });

  test('has its certificate where CloudFront looks for it, by the same proof', () => {
    expect(resources(stack, 'aws_acm_certificate')['certificate_us-east-1']).toMatchObject({
      region: 'us-east-1',
      domain_name: 'hooks.example.com',
    });
    expect(
      resources(stack, 'aws_acm_certificate_validation')['certificate_us-east-1_validated'],
    ).toMatchObject({ validation_record_fqdns: ['${aws_route53_record.certificate_proof.fqdn}'] });
    const there = ingestOf({
      ...withFront({ domain, edge: { requestsPerAddress: 100 } }),
      region: 'us-east-1',
    });
    expect(Object.keys(resources(there, 'aws_acm_certificate'))).toEqual(['certificate']);
  });

  test('is what the name leads to, by both families of addresses', () => {
    const { certificate_proof: _, ...records } = resources(stack, 'aws_route53_record');
    expect(Object.values(records).map(({ type, alias }) => [type, alias])).toEqual(
      ['A', 'AAAA'].map((type) => [
        type,
        {
          name: '${aws_cloudfront_distribution.edge.domain_name}',
          zone_id: '${aws_cloudfront_distribution.edge.hosted_zone_id}',
          evaluate_target_health: false,
        },
      ]),
    );
  });
});

test.each<[string, object, string]>([
  [
    'a name with a scheme',
    { domain: { ...domain, name: 'https://hooks.example.com' } },
    'front.domain.name: must be a host name',
  ],
  [
    'a name in capitals',
    { domain: { ...domain, name: 'Hooks.example.com' } },
    'front.domain.name: must be a host name',
  ],
  [
    'a name with a path',
    { domain: { ...domain, name: 'example.com/hooks' } },
    'front.domain.name: must be a host name',
  ],
  ['an address', { domain: { ...domain, name: '10.0.0.1' } }, 'front.domain.name: must be a host name'],
  ['no zone', { domain: { name: domain.name } }, 'front.domain.zone: is missing'],
  [
    'another’s zone',
    { domain: { ...domain, zone: 'ample.com' } },
    'front.domain.name: must be front.domain.zone, or end',
  ],
  ['an edge without a name', { edge: { requestsPerAddress: 100 } }, 'front.edge: needs front.domain'],
  [
    'a limit that WAF does not have',
    { domain, edge: { requestsPerAddress: 9 } },
    'front.edge.requestsPerAddress: must be a whole number of requests, 10',
  ],
  [
    'a truststore that CloudFront does not pass',
    { domain: { ...domain, truststore: { key: 'a.pem' } }, edge: { requestsPerAddress: 100 } },
    'front.edge.clientCertificate: is missing',
  ],
  [
    'a certificate that nobody looks at',
    { domain, edge: fullStage.front?.edge },
    'front.domain.truststore: is missing',
  ],
  [
    'a log of a length that CloudWatch does not have',
    { accessLogDays: 31 },
    'front.accessLogDays: must be one of 1, 3',
  ],
])('a front with %s is refused', (_, front, problem) => {
  const refused = () => validStage(withFront(front));
  expect(refused).toThrow(StageError);
  expect(refused).toThrow(`bad stage:\n  ${problem}`);
});
