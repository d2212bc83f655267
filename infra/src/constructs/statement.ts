/** One statement of an IAM policy that allows something. */
export interface Statement {
  /** Of what every role has that needs it; what is a function's own has none. */
  readonly Sid?: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  /** Operator → condition key → values. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/**
 * Allows exactly these actions on exactly these resources.
 *
 * @throws Error for an action with a wildcard, or a resource that is not one ARN or a prefix below one
 */
export function allow(actions: readonly string[], resources: readonly string[]): Statement {
  const wideAction = actions.find((action) => action.includes('*'));
  if (wideAction) throw new Error(`name the actions instead of ${wideAction}`);
  const wideResource = resources.find(
    (resource) => resource.replace(/[/:]\*$/, '').includes('*') || resource.length < 3,
  );
  if (wideResource) throw new Error(`name the resources instead of ${wideResource}`);
  return { Effect: 'Allow', Action: actions, Resource: resources };
}

/** The actions for which AWS knows no resource but `*`, and what they are for. */
export const RESOURCELESS_ACTIONS: Readonly<Record<string, string>> = {
  'xray:PutTraceSegments': 'a trace belongs to no resource',
  'xray:PutTelemetryRecords': 'a trace belongs to no resource',
  'ec2:CreateNetworkInterface': 'Lambda refuses a role that names interfaces that are not there yet',
  'ec2:DescribeNetworkInterfaces': 'EC2 describes all or nothing',
  'ec2:DescribeSubnets': 'EC2 describes all or nothing',
  'ec2:DeleteNetworkInterface': 'Lambda makes up the interface’s id',
  'ec2:AssignPrivateIpAddresses': 'Lambda makes up the interface’s id',
  'ec2:UnassignPrivateIpAddresses': 'Lambda makes up the interface’s id',
};

/** Lets a function's environments say how long each call took. */
export const TRACES: Statement = {
  Sid: 'Traces',
  Effect: 'Allow',
  Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  Resource: ['*'],
};

/** Lets Lambda, and not the function's own code, connect a function to a network: only what code calls bears the function's ARN. */
export const NETWORK_INTERFACES: Statement = {
  Sid: 'NetworkInterfaces',
  Effect: 'Allow',
  Action: [
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ],
  Resource: ['*'],
  Condition: { Null: { 'lambda:SourceFunctionArn': ['true'] } },
};

/** The policy as JSON text, made here and not by Terraform's `jsonencode`. */
export const policyDocument = (statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

/** Of a resource policy: refuses everything that does not come over TLS. */
export const tlsOnly = (service: 'sqs' | 's3' | 'secretsmanager', resources: readonly string[]): object => ({
  Sid: 'TlsOnly',
  Effect: 'Deny',
  Principal: '*',
  Action: `${service}:*`,
  Resource: resources,
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});

/** Of a queue's policy: lets EventBridge send to it, in the name of these rules and of no other. */
export const sentByRules = (ruleArns: readonly string[], queueArn: string): object => ({
  Sid: 'SentByRules',
  Effect: 'Allow',
  Principal: { Service: 'events.amazonaws.com' },
  Action: 'sqs:SendMessage',
  Resource: [queueArn],
  Condition: { ArnEquals: { 'aws:SourceArn': ruleArns } },
});
