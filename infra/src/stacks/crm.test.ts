import { expect, test } from '@jest/globals';
import { stageNamed } from '../stages.ts';
import { resources, roleStatements, synthesisedStacks } from '../synthesised-stacks.ts';

const dev = synthesisedStacks('dev').crm;

test('crm of stage dev is what was reviewed', () => {
  expect(dev).toMatchSnapshot();
});

test('the CRM gets each fact itself, with its id in a header too', () => {
  expect(resources(dev, 'aws_cloudwatch_event_target').target).toMatchObject({
    arn: '${aws_cloudwatch_event_api_destination.destination.arn}',
    input_path: '$.detail',
    http_target: { header_parameters: { 'x-aftercall-fact-id': '$.detail.id' } },
    role_arn: '${aws_iam_role.role.arn}',
  });
});

test('it is posted to the endpoint of the stage, at its rate', () => {
  expect(resources(dev, 'aws_cloudwatch_event_api_destination').destination).toMatchObject({
    http_method: 'POST',
    invocation_endpoint: stageNamed('dev').crm?.endpoint,
    invocation_rate_limit_per_second: stageNamed('dev').crm?.requestsPerSecond,
    connection_arn: '${aws_cloudwatch_event_connection.connection.arn}',
  });
});

test('the key is not in Terraform, and Terraform never touches the connection that holds it', () => {
  expect(resources(dev, 'aws_cloudwatch_event_connection').connection).toMatchObject({
    authorization_type: 'API_KEY',
    auth_parameters: { api_key: { key: 'x-api-key', value: 'set-outside-terraform' } },
    lifecycle: { ignore_changes: 'all' },
  });
});

test('only this rule may use the role, and the role may do nothing but call this endpoint', () => {
  const { assume_role_policy } = resources(dev, 'aws_iam_role').role ?? {};
  expect(JSON.parse(String(assume_role_policy))).toMatchObject({
    Statement: [
      {
        Principal: { Service: 'events.amazonaws.com' },
        Condition: { ArnEquals: { 'aws:SourceArn': '${aws_cloudwatch_event_rule.rule.arn}' } },
      },
    ],
  });
  expect(roleStatements(dev)).toEqual([
    {
      Effect: 'Allow',
      Action: ['events:InvokeApiDestination'],
      Resource: ['${aws_cloudwatch_event_api_destination.destination.arn}'],
    },
  ]);
});
