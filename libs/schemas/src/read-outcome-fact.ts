import validateBusEventHead from '../generated/bus-event-head.js';
import validateOutcomeFactEvent from '../generated/outcome-fact-event.js';
import { OUTCOME_RECORDED_TYPE } from './constants.ts';
import type { Validator } from './dialect.ts';
import type { OutcomeFact } from './facts.ts';

export type ReadOutcomeFact =
  | { readonly outcome: 'fact'; readonly fact: OutcomeFact }
  | { readonly outcome: 'refused'; readonly reason: 'bad-schema' | 'unknown-type'; readonly detail: string };

/** Reads the body of an SQS message that EventBridge sent. Never throws; `detail` names places, never values. */
export function readOutcomeFact(body: string): ReadOutcomeFact {
  const event = parsed(body);
  if (event === undefined) return refused('bad-schema', 'the body is not JSON');
  if (!validateBusEventHead(event)) return refused('bad-schema', faultsOf(validateBusEventHead));
  if (event['detail-type'] !== OUTCOME_RECORDED_TYPE || event.detail.type !== OUTCOME_RECORDED_TYPE) {
    return refused('unknown-type', `the fact is not ${OUTCOME_RECORDED_TYPE}`);
  }
  if (!validateOutcomeFactEvent(event)) return refused('bad-schema', faultsOf(validateOutcomeFactEvent));
  return { outcome: 'fact', fact: event.detail };
}

/** What the outcome in such a body is known by; undefined when it is none. */
export function outcomeNames(body: string) {
  const read = readOutcomeFact(body);
  if (read.outcome === 'refused') return undefined;
  const { subject, data } = read.fact;
  return { source: data.source, eventId: data.event_id, conversationId: subject };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const refused = (reason: 'bad-schema' | 'unknown-type', detail: string): ReadOutcomeFact => ({
  outcome: 'refused',
  reason,
  detail,
});

/** Each fault once, by JSON pointer and rule: the branches of a union name the same place several times. */
function faultsOf({ errors }: Pick<Validator<unknown>, 'errors'>): string {
  const faults = (errors ?? []).map(({ instancePath, keyword, params }) => {
    const missing = params?.['missingProperty'];
    return `${instancePath}${typeof missing === 'string' ? `/${missing}` : ''}: ${keyword}`;
  });
  return [...new Set(faults)].join('; ');
}
