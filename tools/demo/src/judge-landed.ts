import type { ObservedFact } from './judge-effects.ts';
import type { Landed } from './read-landed.ts';

/** What did not land as promised; in a run in which all went well both are empty. */
export interface LandedVerdict {
  /** Outcomes that the lake, the CRM or (with violations) every QA queue lacks, or whose transcript is missing. */
  readonly notLanded: readonly string[];
  /** Outcomes with two rows, or two messages in one QA queue. The CRM may hear of one again, under the same id. */
  readonly landedTwice: readonly string[];
}

/** Holds what landed against the facts that the bus told: each outcome once in each place that it belongs to. */
export function judgeLanded(facts: readonly ObservedFact[], landed: Landed): LandedVerdict {
  const outcomes = facts.filter(({ type }) => type === 'aftercall.outcome.recorded').map(({ id }) => id);
  const rows = countsOf(landed.lake.rows.map(factIdOf));
  const violating = new Set(landed.lake.rows.filter(({ violations }) => violations > 0).map(factIdOf));
  const queues = Object.entries(landed.qaFacts).map(
    ([team, ids]) => [`QA queue ${team}`, countsOf(ids)] as const,
  );
  const reviewed = new Set(Object.values(landed.qaFacts).flat());
  const transcribed = new Set(
    [...landed.transcripts.keys()].map((key) => key.slice(0, key.lastIndexOf('/'))),
  );
  return {
    notLanded: [
      ...outcomes.filter((id) => !rows.has(id)).map((id) => `${id}: lake`),
      ...outcomes.filter((id) => !landed.crm.get(id)).map((id) => `${id}: CRM`),
      ...[...violating].filter((id) => !reviewed.has(id)).map((id) => `${id}: QA queues`),
      ...landed.lake.rows
        .filter((row) => row.hasTranscript && !transcribed.has(folderOf(row)))
        .map((row) => `${factIdOf(row)}: transcript`),
    ],
    landedTwice: [['lake', rows] as const, ...queues].flatMap(([where, counts]) =>
      [...counts].filter(([, times]) => times > 1).map(([id]) => `${id}: ${where}`),
    ),
  };
}

const factIdOf = ({ org, eventId }: Landed['lake']['rows'][number]): string =>
  `${org}/${eventId}/aftercall.outcome.recorded`;

/** The conversation's place in the bucket. */
const folderOf = ({ org, conversationId }: Landed['lake']['rows'][number]): string =>
  `transcripts/org=${encodeURIComponent(org)}/${encodeURIComponent(conversationId)}`;

function countsOf(ids: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}
