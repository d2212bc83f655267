const ATTEMPT_MILLIS = 800;

/** Two attempts, and no more, fit into the sender's patience. */
export const PATIENCE = { maxAttempts: 2, timeoutMillis: ATTEMPT_MILLIS };

/** The same for clients of the SDK. */
export const IMPATIENT = {
  maxAttempts: PATIENCE.maxAttempts,
  requestHandler: {
    connectionTimeout: ATTEMPT_MILLIS,
    requestTimeout: ATTEMPT_MILLIS,
    throwOnRequestTimeout: true,
  },
};
