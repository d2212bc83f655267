import type { AvailableTopic, CallBudget, PlatformApi } from '@aftercall/genesys';
import { messageOf } from './cli-error.ts';
import type { Finding } from './finding.ts';
import { PARTNER_TOPICS } from '@aftercall/schemas';

const BY_EVENTBRIDGE = ['EventBridge', 'All'];

/** Whether the organisation offers each topic that `partner-ingest` understands, and by EventBridge. */
export async function checkTopics(
  org: string,
  api: PlatformApi,
  budget: CallBudget,
): Promise<readonly Finding[]> {
  try {
    const available = await api.availableTopics(budget);
    return PARTNER_TOPICS.map((id) =>
      judged(
        `${org} ${id}`,
        available.find((topic) => topic.id === id),
      ),
    );
  } catch (error) {
    return [
      {
        verdict: 'warn',
        area: 'topic',
        subject: org,
        detail: `which topics there are could not be asked: ${messageOf(error)}`,
        next: 'run doctor again',
      },
    ];
  }
}

function judged(subject: string, topic: AvailableTopic | undefined): Finding {
  const about = { area: 'topic', subject } as const;
  if (!topic)
    return {
      ...about,
      verdict: 'warn',
      detail: 'is not offered to this OAuth client',
      next: 'see whether the organisation has the product it belongs to; without it nothing else stops',
    };
  const fitting = BY_EVENTBRIDGE.find((one) => topic.transports.includes(one));
  if (fitting !== undefined) return { ...about, verdict: 'ok', detail: `by ${fitting}` };
  const transports = topic.transports.join(', ') || 'none';
  return {
    ...about,
    verdict: 'warn',
    detail: `is not offered by EventBridge, only by ${transports}`,
    next: 'leave it out of the integration; backfill fetches outcomes day by day instead',
  };
}
