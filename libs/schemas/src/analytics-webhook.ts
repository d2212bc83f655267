import validateAnalyticsOutcome from '../generated/analytics-outcome.js';
import { pickOutcome } from './pick-outcome.ts';
import { type DialectAdapter, refused } from './dialect.ts';
import { OUTCOME_TYPE } from './constants.ts';

/** Mission document 000: `webhookEventId`, and one outcome or a list of them in `data`. */
export const analyticsWebhook: DialectAdapter = {
  recognises: (payload) => 'data' in payload && !('specversion' in payload) && !('event_type' in payload),

  items: ({ webhookEventId, data }) => {
    const declared = { declaredId: webhookEventId, declaredIdPointer: '/webhookEventId' };
    if (!Array.isArray(data)) return [{ pointer: '/data', value: data, ...declared }];
    return data.map((value: unknown, index) => ({ pointer: `/data/${index}`, value, ...declared }));
  },

  adapt: (item) =>
    validateAnalyticsOutcome(item.value)
      ? { outcome: 'event', type: OUTCOME_TYPE, data: pickOutcome(item.value) }
      : refused(item, validateAnalyticsOutcome),
};
