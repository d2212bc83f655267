import { DataAwsSsmParameter } from '@cdktn/provider-aws/lib/data-aws-ssm-parameter/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../names.ts';
import { allow, type Statement } from './statement.ts';

/** What it takes to hear of open circuits, and to tell of them: the stage's one document. */
export function circuitGrants(scope: Construct, names: Names): readonly Statement[] {
  const circuits = new DataAwsSsmParameter(scope, 'circuits', { name: names.circuitsParameter });
  return [allow(['ssm:GetParameter', 'ssm:PutParameter'], [circuits.arn])];
}
