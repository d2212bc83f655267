import { type Patience, sdkOptions } from '@aftercall/aws-json';

/** Two attempts, and no more, fit into the sender's patience. */
export const PATIENCE: Patience = { maxAttempts: 2, timeoutMillis: 800 };

/** The same for clients of the SDK. */
export const IMPATIENT = sdkOptions(PATIENCE);
