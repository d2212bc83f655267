import { DataAwsSecretsmanagerSecret } from '@cdktn/provider-aws/lib/data-aws-secretsmanager-secret/index.js';
import type { Construct } from 'constructs';
import type { AppName } from '../app-stacks.ts';
import type { Names } from '../names.ts';
import type { StageConfig } from '../stage.ts';
import { secret } from './secret.ts';
import { allow, type Statement } from './statement.ts';

/** What a function that calls Genesys Cloud is given. */
export interface GenesysAccess {
  /** The organisations, as `parseGenesysOrgs` of @aftercall/genesys reads them. */
  readonly variable: string;
  readonly grants: readonly Statement[];
  /** By organisation. */
  readonly secretArns: ReadonlyMap<string, string>;
}

/** Who calls which organisations. */
export interface GenesysAccessProps {
  readonly app: AppName;
  readonly stage: StageConfig;
  readonly names: Names;
  /** Without it all of the stage's. */
  readonly orgs?: ReadonlySet<string>;
}

/**
 * An OAuth client's secret for each organisation, the function's own: clients have a rate limit each, and who may read
 * one cannot act for another function.
 */
export function genesysAccess(
  scope: Construct,
  { app, stage, names, orgs }: GenesysAccessProps,
): GenesysAccess {
  const reached = (stage.genesys ?? []).filter(({ org }) => orgs?.has(org) ?? true);
  const secrets = reached.map(({ org }) =>
    secret(scope, `genesys_${org.replaceAll('.', '_')}`, {
      name: names.genesysSecret(org, app),
      description: `The OAuth client of ${app} at organisation ${org}. The value is set outside Terraform.`,
    }),
  );
  const named = reached.map(({ sharesTokens, ...one }) => ({
    ...one,
    secretName: names.genesysSecret(one.org, app),
    ...(sharesTokens && { tokenStoreSecretName: names.tokenStoreSecret }),
  }));
  const store = reached.some(({ sharesTokens }) => sharesTokens)
    ? [new DataAwsSecretsmanagerSecret(scope, 'token_store', { name: names.tokenStoreSecret })]
    : [];
  const readable = [...secrets, ...store].map(({ arn }) => arn);
  return {
    variable: JSON.stringify(named),
    grants: readable.length === 0 ? [] : [allow(['secretsmanager:GetSecretValue'], readable)],
    secretArns: new Map(reached.map(({ org }, index) => [org, secrets[index]?.arn ?? ''])),
  };
}
