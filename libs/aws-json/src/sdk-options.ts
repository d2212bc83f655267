/** How often something is asked, and how long an answer is waited for. */
export interface Patience {
  readonly maxAttempts: number;
  /** For one attempt, from the connection to the last byte. */
  readonly timeoutMillis: number;
}

/** The same for objects of S3, which may be large. */
export interface ObjectPatience extends Patience {
  /** For the bytes of an object, once they come; `timeoutMillis` is until then. Default: as long again. */
  readonly bodyMillis?: number;
  /** A larger object is not read, and is an `AnswerTooLargeError`. Default: 256 MB, a quarter of what a large function has. */
  readonly maxObjectBytes?: number;
}

/** What is not said is added. */
export const objectPatience = ({
  timeoutMillis,
  bodyMillis = timeoutMillis,
  maxObjectBytes = 256_000_000,
}: ObjectPatience) => ({ timeoutMillis, bodyMillis, maxObjectBytes });

/** A patience for a client of the SDK. */
export const sdkOptions = ({ maxAttempts, timeoutMillis }: Patience) => ({
  maxAttempts,
  requestHandler: {
    connectionTimeout: Math.min(timeoutMillis, 1_000),
    requestTimeout: timeoutMillis,
    throwOnRequestTimeout: true,
  },
});
