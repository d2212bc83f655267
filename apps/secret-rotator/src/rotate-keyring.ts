import { checkSeal, type Keyring, parseKeyring, renewedKeyring, seal } from '@aftercall/signing';
import type { Rotation } from './rotate-secret.ts';
import { RotationError } from './rotation-error.ts';

/** What rotating the keyring needs from the outside world. */
export interface KeyringRotationDeps {
  randomBytes(count: number): Buffer;
  now(): Date;
}

const KEY_BYTES = 32;
const NAME_BYTES = 4;
/** Sealed to see that it opens. */
const PROBE = 'a message';

/** A new key seals, and those before it open for as long as a message may wait. */
export function keyringRotation({ randomBytes, now }: KeyringRotationDeps): Rotation {
  return {
    next: async ({ text }) => {
      const at = now();
      const kid = `${at.toISOString().slice(0, 10)}-${randomBytes(NAME_BYTES).toString('hex')}`;
      const key = randomBytes(KEY_BYTES).toString('base64');
      return JSON.stringify(renewedKeyring(parseKeyring(text), { kid, key }, at));
    },
    check: async (pending, current) => {
      const [after, before] = [parseKeyring(pending), parseKeyring(current)];
      const lost = openKids(before, now()).filter((kid) => after.keys[kid]?.key !== before.keys[kid]?.key);
      if (lost.length > 0)
        throw new RotationError(
          `the pending keyring lacks ${lost.join(', ')}, which the current one has: it was stored meanwhile, rotate anew`,
        );
      const opens = [before, after].every(
        (ring) => checkSeal(PROBE, seal(PROBE, ring), after, now()) === 'valid',
      );
      if (!opens) throw new RotationError('the pending keyring does not open what it must');
    },
  };
}

const openKids = ({ keys }: Keyring, now: Date): readonly string[] =>
  Object.entries(keys).flatMap(([kid, { notAfter }]) =>
    notAfter === undefined || Date.parse(notAfter) > now.getTime() ? [kid] : [],
  );
