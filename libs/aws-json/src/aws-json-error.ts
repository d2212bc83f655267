import { AnswerTooLargeError } from './answer-too-large-error.ts';

/** An AWS service's refusal, in the form of the SDK's own errors, so that one reading of them serves both. */
export class AwsJsonError extends Error {
  readonly $metadata: { readonly httpStatusCode: number };
  /** Of DynamoDB: the item that a condition failed on, its values typed, where the call asked for it. */
  readonly Item?: unknown;

  constructor(name: string, message: string, httpStatusCode: number, Item?: unknown) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode };
    if (Item !== undefined) this.Item = Item;
  }
}

/** What a service answered in place of an output, whichever way it was called; undefined for an error of any other kind. */
export function refusalIn(error: unknown): { readonly name: string; readonly status: number } | undefined {
  if (!Error.isError(error) || !('$metadata' in error)) return undefined;
  const { $metadata, name } = error;
  if (typeof $metadata !== 'object' || $metadata === null || !('httpStatusCode' in $metadata))
    return undefined;
  const { httpStatusCode: status } = $metadata;
  return typeof status === 'number' ? { name, status } : undefined;
}

/** Names of a refusal that is about how much is asked, not about what. */
const THROTTLING = /thrott|toomanyrequests|slowdown|limitexceeded|throughputexceeded/i;
/** S3's, for a request whose bytes did not come in time. */
const TOO_SLOW = 'RequestTimeout';

/** Whether the same call may succeed a moment later: throttling, a fault of the service, no answer. */
export function isWorthAnotherTry(error: unknown): boolean {
  if (error instanceof AnswerTooLargeError) return false;
  if (!(error instanceof AwsJsonError)) return true;
  const { httpStatusCode } = error.$metadata;
  return (
    httpStatusCode >= 500 || httpStatusCode === 429 || THROTTLING.test(error.name) || error.name === TOO_SLOW
  );
}

/**
 * The error that an answer speaks of.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html#operation-error-serialization
 */
export function answeredError(status: number, text: string): AwsJsonError {
  const { __type: type, message, Message, Item } = parsedObject(text);
  const name = typeof type === 'string' ? /([A-Za-z0-9_.]+)(:.*)?$/.exec(type)?.[1] : undefined;
  const said = typeof message === 'string' ? message : Message;
  return new AwsJsonError(
    name ?? 'UnknownError',
    typeof said === 'string' ? said : `the service answered ${status}`,
    status,
    Item,
  );
}

function parsedObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
