import { DataAwsDynamodbTable } from '@cdktn/provider-aws/lib/data-aws-dynamodb-table/index.js';
import type { Construct } from 'constructs';
import type { AppName } from '../app-stacks.ts';
import type { Names } from '../names.ts';
import { allow, type Statement } from './statement.ts';

/** What it takes to claim and complete in the ledger, in the name of this consumer and of no other. */
export function ledgerGrants(scope: Construct, names: Names, consumer: AppName): readonly Statement[] {
  const ledger = new DataAwsDynamodbTable(scope, 'ledger', { name: names.ledgerTable });
  return [
    {
      ...allow(['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:GetItem'], [ledger.arn]),
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${consumer}#*`] } },
    },
  ];
}
