import { ANALYTICS_TYPES, type AnalyticsType } from './constants.ts';

const TYPES: ReadonlySet<string> = new Set(ANALYTICS_TYPES);

/** Whether an event is an outcome, whole or in part. */
export const isOutcome = <T extends { readonly type: string }>(
  event: T,
): event is Extract<T, { readonly type: AnalyticsType }> => TYPES.has(event.type);
