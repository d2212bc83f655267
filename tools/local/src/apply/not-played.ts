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

/** The resource types that are known and not played on a laptop, each with what it is for. A type that is on no list is named at the start. */
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
};
