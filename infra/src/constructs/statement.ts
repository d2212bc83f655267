/** One statement of an IAM policy that allows something. */
export interface Statement {
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

/** The policy as JSON text, made here and not by Terraform's `jsonencode`. */
export const policyDocument = (statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

/** Of a resource policy: refuses everything that does not come over TLS. */
export const tlsOnly = (service: 'sqs' | 's3', resources: readonly string[]): object => ({
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
