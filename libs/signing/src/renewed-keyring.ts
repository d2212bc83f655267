import type { Keyring, SealingKey } from './keyring.ts';

/** As long as a sealed message may wait: 4 days on a queue, 14 as a dead letter, 45 set aside, and a margin. */
const RETIRED_KEY_DAYS = 90;
const DAY_MILLIS = 86_400_000;

/** A key that nobody has sealed with yet. */
export interface NewSealingKey {
  readonly kid: string;
  /** Base64 of at least 32 bytes. */
  readonly key: string;
}

/**
 * The keyring after a rotation: the new key seals, the one that sealed opens for 90 days more, and what was replaced
 * longer ago than that is dropped.
 *
 * @throws RangeError when a key of that name is there already: what it sealed would not open any more
 */
export function renewedKeyring({ current, keys }: Keyring, { kid, key }: NewSealingKey, now: Date): Keyring {
  if (Object.hasOwn(keys, kid)) throw new RangeError(`the keyring has a key ${kid} already`);
  const notAfter = new Date(now.getTime() + RETIRED_KEY_DAYS * DAY_MILLIS).toISOString();
  const kept = Object.entries(keys)
    .map(([name, one]): [string, SealingKey] => [name, name === current ? { ...one, notAfter } : one])
    .filter(([, one]) => one.notAfter === undefined || Date.parse(one.notAfter) > now.getTime());
  return { current: kid, keys: { ...Object.fromEntries(kept), [kid]: { key } } };
}
