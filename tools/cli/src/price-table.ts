/** List prices of us-east-1 in dollars, without free tiers, taken from the services' pages of pricing. */
export const PRICES = {
  asOf: '2026-11-30',
  region: 'us-east-1',
  /** A request to an HTTP API. */
  httpApiRequest: 1e-6,
  lambdaRequest: 0.2e-6,
  /** On arm64. */
  lambdaGigabyteSecond: 0.0000133334,
  /** Up to 64 KB. */
  sqsFifoRequest: 0.5e-6,
  sqsRequest: 0.4e-6,
  /** On demand, up to 1 KB. */
  dynamodbWriteUnit: 0.625e-6,
  /** On demand, up to 4 KB, strongly consistent. */
  dynamodbReadUnit: 0.125e-6,
  /** Up to 64 KB; rules and their targets in the account cost nothing. */
  eventBridgeEvent: 1e-6,
  apiDestinationCall: 0.2e-6,
  s3Put: 5e-6,
  s3Get: 0.4e-6,
  s3GigabyteMonth: 0.023,
  logsGigabyte: 0.5,
  xrayTrace: 5e-6,
  /** A month. */
  customMetric: 0.3,
  alarm: 0.1,
  secret: 0.4,
  kmsKey: 1,
} as const;
