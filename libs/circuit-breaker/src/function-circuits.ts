import {
  type ConsumerCircuits,
  type ConsumerCircuitsDeps,
  createConsumerCircuits,
} from './consumer-circuits.ts';
import { lazyCircuitsStore } from './lazy-circuits-store.ts';
import type { ArchiveProps } from './secretsmanager-archive.ts';

/** What one deployed consumer's circuits differ in from another's. */
export type FunctionCircuitsDeps = Omit<
  ConsumerCircuitsDeps,
  'store' | 'archive' | 'publish' | 'maxHeldSeconds'
> &
  ArchiveProps;

/** A deployed consumer's circuits. What they need in an outage only is loaded when there is one. */
export function functionCircuits(deps: FunctionCircuitsDeps): ConsumerCircuits {
  const { settings } = deps;
  let archive: Promise<ConsumerCircuitsDeps['archive']> | undefined;
  let publish: Promise<ConsumerCircuitsDeps['publish']> | undefined;
  const loadArchive = () =>
    (archive ??= import('./secretsmanager-archive.ts').then((rare) => rare.secretsManagerArchive(deps)));
  const loadPublish = () =>
    (publish ??= import('./eventbridge-circuit-facts.ts').then((rare) =>
      rare.eventbridgeCircuitFacts(settings.busName),
    ));
  return createConsumerCircuits({
    ...deps,
    maxHeldSeconds: settings.maxHeldSeconds,
    store: lazyCircuitsStore(async () =>
      (await import('./ssm-shared-circuits.ts')).ssmSharedCircuits(settings.parameter),
    ),
    archive: async (message, downstream) => (await loadArchive())(message, downstream),
    publish: async (facts) => (await loadPublish())(facts),
  });
}
