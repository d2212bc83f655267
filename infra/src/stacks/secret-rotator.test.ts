import { parseConfig } from '@aftercall/secret-rotator/config';
import { expect, test } from '@jest/globals';
import { actionsFor, deployedCalls, type Calls } from '../deployed-calls.ts';
import { SEALING_SECRET } from '../holding-calls.ts';
import { validStage } from '../stage.ts';
import { stageNamed } from '../stages.ts';
import {
  environmentOf,
  grantsByResource,
  resources,
  runtimeEnvironmentOf,
  synthesisedStacks,
} from '../synthesised-stacks.ts';

const dev = synthesisedStacks('dev')['secret-rotator'];

const SECRETS = [
  SEALING_SECRET,
  ...['partner_ingest', 'transcript_fetcher', 'backfill'].map(
    (app) => `\${data.aws_secretsmanager_secret.oauth_${app}_main.arn}`,
  ),
  '${aws_secretsmanager_secret.genesys_main.arn}',
];

/** Which file sends which command where. */
const CALLS: Calls = {
  'apps/secret-rotator/src/secretsmanager-secret-versions.ts DescribeSecretCommand': SECRETS,
  'apps/secret-rotator/src/secretsmanager-secret-versions.ts GetSecretValueCommand': SECRETS,
  'apps/secret-rotator/src/secretsmanager-secret-versions.ts PutSecretValueCommand': SECRETS,
  'apps/secret-rotator/src/secretsmanager-secret-versions.ts UpdateSecretVersionStageCommand': SECRETS,
  // The rotator's own OAuth client, which is one of them.
  'libs/secrets/src/secretsmanager-secret-store.ts GetSecretValueCommand': [],
};

test('secret-rotator of stage dev is what was reviewed', () => {
  expect(dev).toMatchSnapshot();
});

test.each(['local', 'dev'])('secret-rotator accepts the environment that it gets on stage %s', (stage) => {
  const config = parseConfig(runtimeEnvironmentOf(synthesisedStacks(stage)['secret-rotator']));
  expect([...config.oauthSecrets]).toEqual(
    ['partner-ingest', 'transcript-fetcher', 'backfill', 'secret-rotator'].map((app) => [
      `aftercall/${stage}/genesys/main/${app}`,
      'main',
    ]),
  );
  expect(config.genesysOrgs.get('main')?.secretName).toBe(`aftercall/${stage}/genesys/main/secret-rotator`);
});

test('secret-rotator may do with each secret exactly what its code does, and with no source’s anything', async () => {
  expect(await deployedCalls('secret-rotator')).toEqual(Object.keys(CALLS).toSorted());
  expect(grantsByResource(dev)).toEqual({
    ...actionsFor(CALLS),
    '${aws_cloudwatch_log_group.log.arn}:*': ['logs:CreateLogStream', 'logs:PutLogEvents'],
  });
});

test('Secrets Manager may call it for each of its secrets, and does: OAuth clients each quarter, the keyring each month', () => {
  const rotations = Object.values(resources(dev, 'aws_secretsmanager_secret_rotation'));
  const days = rotations.map((one) => [one.secret_id, one.rotation_rules]);
  expect(Object.fromEntries(days)).toEqual(
    Object.fromEntries(
      SECRETS.map((arn) => [arn, { automatically_after_days: arn === SEALING_SECRET ? 30 : 90 }]),
    ),
  );
  for (const one of rotations)
    expect(one).toMatchObject({
      rotate_immediately: false,
      rotation_lambda_arn: '${aws_lambda_alias.live.arn}',
    });
  const permissions = Object.values(resources(dev, 'aws_lambda_permission'));
  expect(permissions.map((one) => one.source_arn).toSorted()).toEqual(SECRETS.toSorted());
  for (const one of permissions)
    expect(one).toMatchObject({
      principal: 'secretsmanager.amazonaws.com',
      qualifier: '${aws_lambda_alias.live.name}',
    });
});

test('a client that nobody uses is not rotated; one with a tag to set is', () => {
  const stage = stageNamed('dev');
  const [rule, ...others] = stage.compliance.rules.rules;
  if (!rule) throw new Error('stage dev has no rule');
  const rules = { ...stage.compliance.rules, rules: [{ ...rule, tag: 'seen' }, ...others] };
  const tagged = synthesisedStacks(validStage({ ...stage, compliance: { ...stage.compliance, rules } }));
  const { OAUTH_SECRETS } = environmentOf(tagged['secret-rotator']);
  expect(Object.keys(JSON.parse(String(OAUTH_SECRETS)))).toContain(
    'aftercall/dev/genesys/main/compliance-router',
  );
});
