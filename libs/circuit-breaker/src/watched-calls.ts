import type { AwsCall } from '@aftercall/aws-json';
import { isOutageCode } from '@aftercall/queue';
import type { CircuitBreaker } from './circuit-breaker.ts';

type Call = <Args, Answer>(next: (args: Args) => Promise<Answer>) => (args: Args) => Promise<Answer>;

/** A client of the AWS SDK, as far as its calls can be listened to. */
export interface SdkClient {
  readonly middlewareStack: {
    add(middleware: Call, options: { readonly step: 'initialize'; readonly name: string }): void;
  };
}

/**
 * The same client, with each of its calls counted once for the downstream, retries included: messages that share a
 * call share its outcome.
 */
export function watchedClient<Client extends SdkClient>(
  { watch }: Pick<CircuitBreaker, 'watch'>,
  downstream: string,
  client: Client,
): Client {
  client.middlewareStack.add(
    (next) => watch(downstream, next, (answer) => leavesOff(fieldOf(answer, 'output'))),
    { step: 'initialize', name: 'aftercallCircuit' },
  );
  return client;
}

/** The same call, counted in the same way. */
export const watchedCall = (
  { watch }: Pick<CircuitBreaker, 'watch'>,
  downstream: string,
  call: AwsCall,
): AwsCall => watch(downstream, call, leavesOff);

/** Whether a downstream answered 200 and left a part of the call undone, because it is too much for it. */
function leavesOff(output: unknown): boolean {
  const codes = listOf(output, 'Entries').map((entry) => fieldOf(entry, 'ErrorCode'));
  const unprocessed = fieldOf(output, 'UnprocessedKeys');
  return (
    codes.some((code) => typeof code === 'string' && isOutageCode(code)) ||
    (typeof unprocessed === 'object' && unprocessed !== null && Object.keys(unprocessed).length > 0)
  );
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const field = fieldOf(value, name);
  return Array.isArray(field) ? field : [];
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
