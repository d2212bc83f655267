/**
 * Names that AWS services and Node give to an outage, where the status code does not tell.
 * @see https://github.com/smithy-lang/smithy-typescript/blob/main/packages/service-error-classification/src/constants.ts
 */
const OUTAGES: ReadonlySet<string> = new Set([
  'AbortError',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  // Genesys Cloud's: neither an outage nor a permission or secret that somebody must correct is the event's fault.
  'GenesysRefusedError',
  'GenesysUnavailableError',
  'InternalError',
  'InternalException',
  'InternalFailure',
  'KmsThrottled',
  'LimitExceededException',
  'OverLimit',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  // Ours: a value that cannot be read now, a budget that begins anew tomorrow, a place that others write to.
  'SecretUnavailableError',
  'ServiceUnavailable',
  'SetAsideContendedError',
  'SetAsideFullError',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TimeoutError',
  'TokenRefusedError',
  'TokenUnavailableError',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);

/**
 * Whether an error speaks of a downstream's health (time-out, throttling, 5xx, no connection) and not of the event:
 * waiting helps, and the try does not count.
 */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const status = statusOf(error);
  if (status !== undefined && (status === 429 || status >= 500)) return true;
  return isOutageCode(error.name) || isOutageCode(codeOf(error) ?? '') || isUnavailable(error.cause);
}

/** Whether a code, as of one entry of a batch, speaks of a downstream's health. */
export const isOutageCode = (code: string): boolean => OUTAGES.has(code);

function statusOf(error: Error): number | undefined {
  if (!('$metadata' in error) || typeof error.$metadata !== 'object' || error.$metadata === null)
    return undefined;
  const { $metadata } = error;
  const status = 'httpStatusCode' in $metadata ? $metadata.httpStatusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

const codeOf = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined;
