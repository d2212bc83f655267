import type { InvokeResult } from '../runtime/execution-environment.ts';
import { functionIn } from '../apply/local-resources.ts';
import type { BusEvent, FunctionTarget } from './bus-target.ts';
import type { AttemptResult } from './sqs-outbox.ts';

/** How functions are called; rejects when there is none of that name. */
export type Invoke = (functionName: string, event: string) => Promise<InvokeResult>;

/**
 * Calls the target's function as EventBridge does: it hands the call over and is done with it, whatever the function
 * makes of it; Lambda itself tries a failed one twice more. Never rejects.
 */
export async function callFunction(
  event: BusEvent,
  { arn, input }: FunctionTarget,
  { invoke, report }: { readonly invoke: Invoke; readonly report: (line: string) => void },
): Promise<AttemptResult> {
  const name = functionIn(arn);
  const payload = JSON.stringify(input(event) ?? null);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const result = await invoke(name, payload).catch(notThere);
    if (result.outcome === 'returned') return { outcome: 'delivered' };
    if (attempt === ATTEMPTS) report(`events: ${name} failed ${ATTEMPTS} times on event ${event.id}`);
  }
  return { outcome: 'delivered' };
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const ATTEMPTS = 3;

const notThere = (error: unknown): InvokeResult => ({
  outcome: 'failed',
  errorType: 'ResourceNotFoundException',
  message: String(error),
});
