import type { Fact, OutcomeFact } from '@aftercall/schemas';
import type { Routing } from './route-violations.ts';

/** Tells the bus that violations are in a team's QA queue. Repeating the work repeats the id. */
export function buildRoutedFact(
  { org, subject, time, traceparent, data }: OutcomeFact,
  { team, severity, dueAt, violationCount, violations }: Routing,
): Fact {
  const type = 'aftercall.compliance.routed';
  return {
    specversion: '1.0',
    id: `${org}/${data.event_id}/${type}/${team}`,
    source: 'aftercall',
    type,
    subject,
    time,
    datacontenttype: 'application/json',
    org,
    traceparent,
    data: { queue: team, severity, dueAt, violationCount, violations: [...violations] },
  };
}
