import type { Fact } from '@aftercall/schemas';
import type { CircuitChange } from './circuit-breaker.ts';

/** Tells the bus what one container of a function has decided about a downstream. */
export function buildCircuitFact(
  { downstream, state, failureRate }: CircuitChange,
  { now, function: name, held, archived }: { now: Date; function: string; held: number; archived: number },
): Fact {
  const type = state === 'open' ? 'aftercall.circuit.opened' : 'aftercall.circuit.closed';
  const time = now.toISOString();
  return {
    specversion: '1.0',
    id: `circuit/${name}/${downstream}/${time}/${type}`,
    source: 'aftercall',
    type,
    subject: downstream,
    time,
    datacontenttype: 'application/json',
    // No organisation's own: a downstream is everybody's.
    org: 'aftercall',
    data: { downstream, function: name, failureRate, held, archived },
  };
}
