import { BudgetsBudget } from '@cdktn/provider-aws/lib/budgets-budget/index.js';
import type { Construct } from 'constructs';
import { names } from '../names.ts';
import { stageOf } from './stage-of.ts';

/** What bears the tag that every resource has, as Budgets writes it. The tag has to be made known to the account’s billing once. */
const OURS = 'user:application$aftercall';

/** Who is told of what. */
export interface BudgetProps {
  readonly topicArn: string;
  readonly monthlyDollars: number;
}

/** Tells the topic when the bill of all that is ours in the account is, or is going to be, above the stage's limit. */
export function budget(scope: Construct, { topicArn, monthlyDollars }: BudgetProps): void {
  const stage = stageOf(scope);
  const notification = (notificationType: 'ACTUAL' | 'FORECASTED') => ({
    notificationType,
    comparisonOperator: 'GREATER_THAN',
    threshold: 100,
    thresholdType: 'PERCENTAGE',
    subscriberSnsTopicArns: [topicArn],
  });
  new BudgetsBudget(scope, 'budget', {
    name: names(stage).budget,
    budgetType: 'COST',
    timeUnit: 'MONTHLY',
    limitAmount: String(monthlyDollars),
    limitUnit: 'USD',
    costFilter: [{ name: 'TagKeyValue', values: [OURS] }],
    notification: [notification('ACTUAL'), notification('FORECASTED')],
  });
}
