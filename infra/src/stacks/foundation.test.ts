import { expect, test } from '@jest/globals';
import { validStage } from '../stage.ts';
import { stageNamed } from '../stages.ts';
import { resources, synthesisedStacks } from '../synthesised-stacks.ts';

const KEY = '${aws_kms_key.stage_key.arn}';

const dev = synthesisedStacks('dev').foundation;
const queues = resources(dev, 'aws_sqs_queue');
const tables = resources(dev, 'aws_dynamodb_table');
const buckets = Object.keys(resources(dev, 'aws_s3_bucket'));

test('foundation of stage dev is what was reviewed', () => {
  expect(dev).toMatchSnapshot();
});

test('every queue is FIFO in high-throughput mode, encrypted, and leaves deduplication to the sender', () => {
  expect(Object.keys(queues)).toEqual(['events', 'events_dead']);
  for (const queue of Object.values(queues)) {
    expect(queue).toMatchObject({
      name: expect.stringMatching(/\.fifo$/),
      fifo_queue: true,
      content_based_deduplication: false,
      deduplication_scope: 'messageGroup',
      fifo_throughput_limit: 'perMessageGroupId',
      kms_master_key_id: KEY,
    });
  }
});

test('a message stays four days in the queue and fourteen in the dead-letter queue', () => {
  expect(queues.events?.message_retention_seconds).toBe(345_600);
  expect(queues.events_dead?.message_retention_seconds).toBe(1_209_600);
});

test('the queue itself gives up only after a thousand receives: attempts are counted in the ledger', () => {
  expect(JSON.parse(String(queues.events?.redrive_policy))).toEqual({
    deadLetterTargetArn: '${aws_sqs_queue.events_dead.arn}',
    maxReceiveCount: 1_000,
  });
});

test('every table is on demand, encrypted, recoverable to any point in time and protected from deletion', () => {
  expect(Object.keys(tables)).toEqual(['conversations', 'ledger', 'set_aside_table']);
  for (const table of Object.values(tables)) {
    expect(table).toMatchObject({
      billing_mode: 'PAY_PER_REQUEST',
      server_side_encryption: { enabled: true, kms_key_arn: KEY },
      point_in_time_recovery: { enabled: true },
      deletion_protection_enabled: true,
    });
  }
});

test('ledger and set-aside forget by expiresAt, conversations do not forget', () => {
  const expiry = { attribute_name: 'expiresAt', enabled: true };
  expect(tables.ledger?.ttl).toEqual(expiry);
  expect(tables.set_aside_table?.ttl).toEqual(expiry);
  expect(tables.conversations).not.toHaveProperty('ttl');
});

test('a laptop may delete its tables', () => {
  const local = resources(synthesisedStacks('local').foundation, 'aws_dynamodb_table');
  expect(local.ledger?.deletion_protection_enabled).toBe(false);
});

test('every bucket is private, encrypted and reached over TLS only', () => {
  expect(buckets).toEqual(['deliveries', 'lake', 'set_aside_bucket', 'transcripts']);
  for (const bucket of buckets) {
    const id = `\${aws_s3_bucket.${bucket}.id}`;
    expect(resources(dev, 'aws_s3_bucket_public_access_block')[`${bucket}_private`]).toEqual({
      bucket: id,
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(
      resources(dev, 'aws_s3_bucket_server_side_encryption_configuration')[`${bucket}_encryption`],
    ).toEqual({
      bucket: id,
      rule: [
        {
          apply_server_side_encryption_by_default: { sse_algorithm: 'aws:kms', kms_master_key_id: KEY },
          bucket_key_enabled: true,
        },
      ],
    });
    const policy = resources(dev, 'aws_s3_bucket_policy')[`${bucket}_tls_only`];
    expect(JSON.parse(String(policy?.policy))).toMatchObject({
      Statement: [
        { Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      ],
    });
  }
});

test('what was set aside is deleted after 45 days, deliveries when no message can point to them, lake and transcripts never', () => {
  const lifecycles = resources(dev, 'aws_s3_bucket_lifecycle_configuration');
  const cleanup = {
    id: 'cleanup',
    status: 'Enabled',
    filter: [{ prefix: '' }],
    abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
  };
  const rule = (expiry: object) => ({ rule: [{ ...cleanup, ...expiry }] });
  const after = (days: number) => rule({ expiration: [{ days }] });
  expect(lifecycles).toEqual({
    deliveries_lifecycle: { bucket: '${aws_s3_bucket.deliveries.id}', ...after(4 + 14 + 45 + 1) },
    set_aside_bucket_lifecycle: { bucket: '${aws_s3_bucket.set_aside_bucket.id}', ...after(45) },
    lake_lifecycle: { bucket: '${aws_s3_bucket.lake.id}', ...rule({}) },
    transcripts_lifecycle: { bucket: '${aws_s3_bucket.transcripts.id}', ...rule({}) },
  });
});

test('each source and the sealing keyring has a secret, and none has a value', () => {
  const secrets = Object.values(resources(dev, 'aws_secretsmanager_secret'));
  expect(secrets.map(({ name }) => name).toSorted()).toEqual([
    'aftercall/dev/sealing',
    'aftercall/dev/sources/main',
    'aftercall/dev/sources/messaging',
    'aftercall/dev/sources/relay',
  ]);
  for (const secret of secrets)
    expect(Object.keys(secret).toSorted()).toEqual(['description', 'kms_key_id', 'name']);
});

test('a stage may give the conversations table a name of its own, and the processor learns it', () => {
  const stage = validStage({ ...stageNamed('dev'), conversationsTable: 'genesys-conversations' });
  const { foundation, processor } = synthesisedStacks(stage);
  expect(resources(foundation, 'aws_dynamodb_table').conversations?.name).toBe('genesys-conversations');
  expect(resources(processor, 'aws_lambda_function').processor).toHaveProperty(
    'environment.variables.CONVERSATIONS_TABLE',
    'genesys-conversations',
  );
});

test('on a laptop buckets and bus have their plain names', () => {
  const local = synthesisedStacks('local').foundation;
  expect(resources(local, 'aws_s3_bucket').lake?.bucket).toBe('aftercall-local-lake');
  expect(resources(local, 'aws_cloudwatch_event_bus').bus?.name).toBe('aftercall');
});
