import type { TrafficKind } from './planned-delivery.ts';
import type { Random } from './random.ts';

/** How often each kind comes, in relation to the others; a kind that is not named does not come. */
export type TrafficMix = Readonly<Partial<Record<TrafficKind, number>>>;

/** Mostly genuine traffic with a little of everything that goes wrong. */
export const DEFAULT_MIX: TrafficMix = {
  analytics: 30,
  'analytics-without-id': 3,
  'analytics-batch': 10,
  conversation: 18,
  'conversation-reordered': 6,
  'conversation-unsupported': 2,
  'open-messaging': 4,
  cloudevents: 6,
  duplicate: 8,
  'changed-metadata': 3,
  'same-id-other-org': 1,
  forged: 4,
  'not-json': 1,
  'bad-item': 2,
  'wrong-schema': 1,
  'unknown-source': 1,
};

/** Only what a sender in order sends. */
export const GENUINE_MIX: TrafficMix = {
  analytics: 40,
  'analytics-batch': 10,
  conversation: 30,
  'open-messaging': 5,
  cloudevents: 15,
};

/** Makes the function that draws kinds. */
export function kindPicker(mix: TrafficMix): (random: Random) => TrafficKind {
  const shares = Object.entries(mix) as [TrafficKind, number][];
  const total = shares.reduce((sum, [, share]) => sum + share, 0);
  if (!(total > 0)) throw new Error('the mix is empty: give at least one kind a share above 0');
  return (random) => {
    let rest = random.next() * total;
    const drawn = shares.find(([, share]) => (rest -= share) < 0);
    return drawn?.[0] ?? 'analytics';
  };
}
