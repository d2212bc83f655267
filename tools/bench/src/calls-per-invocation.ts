/** AWS calls by operation. */
export type Calls = Readonly<Record<string, number>>;

/** What a warm function asks of AWS in one invocation. */
export interface CallsPerInvocation {
  readonly 'ingest: one outcome': Calls;
  readonly 'ingest: ten outcomes in a delivery': Calls;
  readonly 'processor: one outcome': Calls;
  readonly 'processor: ten outcomes of ten conversations': Calls;
}

/** Exactly so many; a test counts them over the built bundles, and whoever reckons with costs or quotas starts from them. */
export const CALLS_PER_INVOCATION: CallsPerInvocation = {
  'ingest: one outcome': { SendMessageBatch: 1 },
  'ingest: ten outcomes in a delivery': { SendMessageBatch: 1 },
  'processor: one outcome': { BatchGetItem: 1, PutEvents: 1, PutItem: 2, UpdateItem: 1 },
  'processor: ten outcomes of ten conversations': {
    BatchGetItem: 1,
    PutEvents: 2,
    PutItem: 20,
    UpdateItem: 10,
  },
};
