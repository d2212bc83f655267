/** How often something is asked, and how long an answer is waited for. */
export interface Patience {
  readonly maxAttempts: number;
  /** For one attempt, from the connection to the last byte. */
  readonly timeoutMillis: number;
}

/** The same for a client of the SDK. */
export const sdkOptions = ({ maxAttempts, timeoutMillis }: Patience) => ({
  maxAttempts,
  requestHandler: {
    connectionTimeout: Math.min(timeoutMillis, 1_000),
    requestTimeout: timeoutMillis,
    throwOnRequestTimeout: true,
  },
});
