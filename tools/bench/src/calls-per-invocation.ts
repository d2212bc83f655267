/** AWS calls by operation. */
export type Calls = Readonly<Record<string, number>>;

/** What a warm function asks of AWS in one invocation. */
export interface CallsPerInvocation {
  readonly 'ingest: one outcome': Calls;
  readonly 'ingest: ten outcomes in a delivery': Calls;
  readonly 'processor: one outcome': Calls;
  readonly 'processor: ten outcomes of ten conversations': Calls;
}
