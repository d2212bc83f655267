/** Nobody checks who does what here: everything belongs to one person. */
const PERMISSION = 'who may do what';
/** The disk of a laptop is its owner's to encrypt. */
const ENCRYPTION = 'encryption at rest';
/** Nothing lives long enough. */
const EXPIRY = 'deletion by age';
/** Log files lie in `.aftercall/logs`. */
const LOGS = 'logs are files here';

/** What is wrong is said in the terminal. */
const NOTICES = 'who is told of alarms';

/** A laptop has no name that others could find, and no certificate for one. */
const NAME = 'a name of its own, and what guards it';
/** `aftercall lake query` has DuckDB for it. */
const WAREHOUSE = 'SQL over the lake on AWS';
/** Everything is on one machine. */
const NETWORK = 'networks';

/** The resource types that are known and not played on a laptop, each with what it is for. They are named at the start, as are those that are on no list. */
export const NOT_PLAYED: Readonly<Record<string, string>> = {
  aws_sqs_queue_policy: PERMISSION,
  aws_s3_bucket_public_access_block: PERMISSION,
  aws_s3_bucket_lifecycle_configuration: EXPIRY,
  aws_s3_bucket_server_side_encryption_configuration: ENCRYPTION,
  aws_s3_bucket_policy: PERMISSION,
  aws_s3_bucket_versioning: 'older versions of an object',
  aws_s3_bucket_ownership_controls: PERMISSION,
  aws_iam_role: PERMISSION,
  aws_iam_role_policy: PERMISSION,
  aws_cloudwatch_log_group: LOGS,
  aws_kms_key: ENCRYPTION,
  aws_kms_alias: ENCRYPTION,
  aws_secretsmanager_secret_policy: PERMISSION,
  aws_sns_topic: NOTICES,
  aws_sns_topic_policy: PERMISSION,
  aws_sns_topic_subscription: NOTICES,
  aws_cloudwatch_dashboard: 'dashboards',
  aws_budgets_budget: 'what it costs',
  aws_config_config_rule: 'whether it is still as it was deployed',
  aws_cloudwatch_event_archive: 'facts of the past for new consumers',
  aws_appautoscaling_target: 'environments kept ready by the hour',
  aws_appautoscaling_scheduled_action: 'environments kept ready by the hour',
  'data.aws_kms_alias': ENCRYPTION,
  ...purpose(NAME, [
    'aws_acm_certificate',
    'aws_acm_certificate_validation',
    'aws_apigatewayv2_api_mapping',
    'aws_apigatewayv2_domain_name',
    'aws_cloudfront_distribution',
    'aws_route53_record',
    'aws_wafv2_web_acl',
    'data.aws_cloudfront_cache_policy',
    'data.aws_cloudfront_origin_request_policy',
    'data.aws_route53_zone',
  ]),
  ...purpose(NETWORK, [
    'aws_default_security_group',
    'aws_eip',
    'aws_internet_gateway',
    'aws_nat_gateway',
    'aws_route',
    'aws_route_table',
    'aws_route_table_association',
    'aws_security_group',
    'aws_subnet',
    'aws_vpc',
    'aws_vpc_endpoint',
    'aws_vpc_security_group_egress_rule',
    'aws_vpc_security_group_ingress_rule',
    'data.aws_security_group',
    'data.aws_subnet',
    'data.aws_vpc',
  ]),
  ...purpose(WAREHOUSE, [
    'aws_athena_named_query',
    'aws_athena_workgroup',
    'aws_glue_catalog_database',
    'aws_glue_catalog_table',
    'aws_kinesis_firehose_delivery_stream',
    'aws_redshiftserverless_namespace',
    'aws_redshiftserverless_usage_limit',
    'aws_redshiftserverless_workgroup',
    'aws_scheduler_schedule',
  ]),
  aws_elasticache_serverless_cache:
    'tokens shared in a Valkey of the network; a Redis that is there can be named',
};

function purpose(what: string, types: readonly string[]): Record<string, string> {
  return Object.fromEntries(types.map((type) => [type, what]));
}
