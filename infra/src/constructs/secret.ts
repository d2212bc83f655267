import { SecretsmanagerSecret } from '@cdktn/provider-aws/lib/secretsmanager-secret/index.js';
import { SecretsmanagerSecretPolicy } from '@cdktn/provider-aws/lib/secretsmanager-secret-policy/index.js';
import type { Construct } from 'constructs';
import { stageKeyArn } from './stage-key.ts';
import { stageOf } from './stage-of.ts';
import { policyDocument, tlsOnly } from './statement.ts';

/** What one secret differs in from another. */
export interface SecretProps {
  readonly name: string;
  readonly description: string;
}

/** A secret without its value, which in Terraform would lie readable in the plan and in the state. Nobody outside the account reads it. */
export function secret(scope: Construct, id: string, props: SecretProps): SecretsmanagerSecret {
  const keyArn = stageKeyArn(scope);
  const made = new SecretsmanagerSecret(scope, id, {
    ...props,
    ...(keyArn !== undefined && { kmsKeyId: keyArn }),
  });
  new SecretsmanagerSecretPolicy(scope, `${id}_policy`, {
    secretArn: made.arn,
    blockPublicPolicy: true,
    // `*` in a secret's policy is the secret itself.
    policy: policyDocument([tlsOnly('secretsmanager', ['*']), ofThisAccount(stageOf(scope).account)]),
  });
  return made;
}

/** A role elsewhere can be trusted by a policy that someone attaches later; this one takes precedence. */
const ofThisAccount = (account: string): object => ({
  Sid: 'ThisAccountOnly',
  Effect: 'Deny',
  Principal: '*',
  Action: 'secretsmanager:*',
  Resource: ['*'],
  Condition: {
    StringNotEquals: { 'aws:PrincipalAccount': account },
    Bool: { 'aws:PrincipalIsAWSService': 'false' },
  },
});
