/** An AWS service's refusal, in the form of the SDK's own errors, so that one reading of them serves both. */
export class AwsJsonError extends Error {
  readonly $metadata: { readonly httpStatusCode: number };

  constructor(name: string, message: string, httpStatusCode: number) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode };
  }
}

/** Names of a refusal that is about how much is asked, not about what. */
const THROTTLING = /thrott|toomanyrequests|slowdown|limitexceeded/i;

/** Whether the same call may succeed a moment later: throttling, a fault of the service, no answer. */
export function isWorthAnotherTry(error: unknown): boolean {
  if (!(error instanceof AwsJsonError)) return true;
  const { httpStatusCode } = error.$metadata;
  return httpStatusCode >= 500 || httpStatusCode === 429 || THROTTLING.test(error.name);
}

/**
 * The error that an answer speaks of.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html#operation-error-serialization
 */
export function answeredError(status: number, text: string): AwsJsonError {
  const { __type: type, message, Message } = parsedObject(text);
  const name = typeof type === 'string' ? /([A-Za-z0-9_.]+)(:.*)?$/.exec(type)?.[1] : undefined;
  const said = typeof message === 'string' ? message : Message;
  return new AwsJsonError(
    name ?? 'UnknownError',
    typeof said === 'string' ? said : `the service answered ${status}`,
    status,
  );
}

function parsedObject(text: string): { __type?: unknown; message?: unknown; Message?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
