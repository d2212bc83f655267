import {
  type CallBudget,
  GenesysRefusedError,
  GenesysUnavailableError,
  type Operation,
  type OperationName,
  OPERATIONS,
  type PlatformApi,
} from '@aftercall/genesys';
import { messageOf } from './cli-error.ts';
import type { Finding } from './finding.ts';
import { FUNCTION_OPERATIONS, type GenesysFunction, permissionsOf } from './function-operations.ts';

/** What it takes to ask. */
export interface ProbeDeps {
  readonly api: PlatformApi;
  /** For each call its own: one that hangs takes no other's time. */
  readonly newBudget: () => CallBudget;
  /** The text of the last 403. */
  readonly lastForbidden: () => string;
  readonly newId: () => string;
}

type Probe = (api: PlatformApi, budget: CallBudget, id: string) => Promise<unknown>;

/** The calls that change nothing. With an id of nobody's, "not found" is the answer to one who may ask. */
const PROBES: Readonly<Partial<Record<OperationName, Probe>>> = {
  conversationMetrics: (api, budget, id) => api.conversationMetrics(id, budget),
  transcriptUrl: (api, budget, id) => api.transcriptUrl(id, id, budget),
  recordings: (api, budget, id) => api.recordings(id, budget),
  conversationDetails: (api, budget, id) => api.conversationDetails(id, budget),
  detailsAvailability: (api, budget) => api.detailsAvailableUntil(budget),
  detailsJob: (api, budget, id) => api.detailsJob(id, budget),
  categories: (api, budget, id) => api.categoryNames([id], budget),
  topics: (api, budget, id) => api.topicNames([id], budget),
};

type Probed =
  | { readonly outcome: 'permitted' }
  /** `text` may name what is missing. */
  | { readonly outcome: 'forbidden'; readonly text: string }
  | { readonly outcome: 'unanswered'; readonly error: unknown };

/** Whether the client's roles grant each permission that its function needs, as far as that can be found out by looking. */
export async function checkPermissions(
  subject: string,
  name: GenesysFunction,
  deps: ProbeDeps,
): Promise<readonly Finding[]> {
  const probed = new Map<OperationName, Probed>();
  for (const operation of FUNCTION_OPERATIONS[name]) {
    const probe = PROBES[operation];
    if (probe) probed.set(operation, await askFor(probe, deps));
  }
  return permissionsOf(name).map((permission) => {
    const needing = FUNCTION_OPERATIONS[name].filter((operation) => needs(operation, permission));
    return { area: 'permission', subject, ...judged(permission, needing, probed) };
  });
}

function needs(operation: OperationName, permission: string): boolean {
  const { permissions }: Operation = OPERATIONS[operation];
  return permissions.includes(permission);
}

async function askFor(probe: Probe, { api, newBudget, lastForbidden, newId }: ProbeDeps): Promise<Probed> {
  try {
    await probe(api, newBudget(), newId());
    return { outcome: 'permitted' };
  } catch (error) {
    if (error instanceof GenesysRefusedError && error.call.status === 403)
      return { outcome: 'forbidden', text: lastForbidden() };
    return { outcome: 'unanswered', error };
  }
}

type Judged = Pick<Finding, 'verdict' | 'detail' | 'next'>;

function judged(
  permission: string,
  needing: readonly OperationName[],
  probed: ReadonlyMap<OperationName, Probed>,
): Judged {
  const answers = needing.flatMap((operation) => {
    const answer = probed.get(operation);
    return answer ? [{ operation, ...answer }] : [];
  });
  const calls = needing.join(', ');
  if (answers.some(({ outcome }) => outcome === 'permitted')) return { verdict: 'ok', detail: permission };
  const forbidden = answers.find((answer) => answer.outcome === 'forbidden');
  if (forbidden) return refused(permission, forbidden.operation, forbidden.text);
  const unanswered = answers.find((answer) => answer.outcome === 'unanswered');
  if (unanswered) {
    const { error } = unanswered;
    const detail = `${permission}: ${messageOf(error)}`;
    return error instanceof GenesysUnavailableError
      ? { verdict: 'warn', detail, next: 'run doctor again' }
      : { verdict: 'fail', detail };
  }
  return {
    verdict: 'not-probed',
    detail: `${permission}: ${calls} would change something`,
    next: 'see in Genesys Cloud that a role of the OAuth client grants it',
  };
}

/** Genesys Cloud names what is missing; where it does not, it may be any of what the call needs. */
function refused(permission: string, operation: OperationName, text: string): Judged {
  const { permissions }: Operation = OPERATIONS[operation];
  const isNamed = (one: string): boolean => one.split(' or ').some((name) => text.includes(name));
  const named = permissions.filter(isNamed);
  if (named.length > 0 && !named.includes(permission))
    return {
      verdict: 'not-probed',
      detail: `${permission}: ${operation} is refused for want of ${named.join(' and ')}`,
      next: 'grant that, then run doctor again',
    };
  return {
    verdict: 'fail',
    detail: `${permission}: missing, ${operation} is refused`,
    next: 'grant it to a role of the OAuth client, in the divisions whose conversations you want',
  };
}
