export type { Logger, LoggerOptions } from './logger.ts';
export { createLogger } from './logger.ts';
export type { Dimensions, MetricName, Metrics, MetricsOptions } from './metrics.ts';
export { createMetrics } from './metrics.ts';
export { traceparentOf } from './traceparent.ts';
