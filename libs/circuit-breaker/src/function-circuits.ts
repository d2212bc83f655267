import { eventsCall, ssmCall } from '@aftercall/aws-json/function';
import { eventbridgeFacts } from '@aftercall/facts';
import {
  type ConsumerCircuits,
  type ConsumerCircuitsDeps,
  createConsumerCircuits,
} from './consumer-circuits.ts';
import type { ArchiveProps } from './secretsmanager-archive.ts';
import { ssmSharedCircuits } from './ssm-shared-circuits.ts';

/** What one deployed consumer's circuits differ in from another's. */
export type FunctionCircuitsDeps = Omit<
  ConsumerCircuitsDeps,
  'store' | 'archive' | 'publish' | 'maxHeldSeconds'
> &
  ArchiveProps;

/** Advice is not worth a wait. */
const ADVICE = { maxAttempts: 1, timeoutMillis: 1_000 };
/** A bus that is down hears of nothing, of its own circuit least of all: no invocation waits for it. */
const NEWS = { maxAttempts: 2, timeoutMillis: 1_000 };

/** A deployed consumer's circuits, with calls that are not watched. */
export function functionCircuits(deps: FunctionCircuitsDeps): ConsumerCircuits {
  const { access, settings } = deps;
  let archive: Promise<ConsumerCircuitsDeps['archive']> | undefined;
  const loadArchive = () =>
    (archive ??= import('./secretsmanager-archive.ts').then((rare) => rare.secretsManagerArchive(deps)));
  return createConsumerCircuits({
    ...deps,
    maxHeldSeconds: settings.maxHeldSeconds,
    store: ssmSharedCircuits(ssmCall({ access, ...ADVICE }), settings.parameter),
    archive: async (message, downstream) => (await loadArchive())(message, downstream),
    publish: eventbridgeFacts(eventsCall({ access, ...NEWS }), settings.busName),
  });
}
