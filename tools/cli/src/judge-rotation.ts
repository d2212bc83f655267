import type { SecretUse, SecretVersions } from './secret-usage.ts';

/** How far a source's rotation has got. */
export type RotationState =
  /** Nothing to sign with. */
  | 'no-secret'
  /** One version, and no rotation under way. */
  | 'settled'
  /** Containers may still know the old labels: whose deliveries they verify cannot be told yet. */
  | 'spreading'
  /** The previous version has verified a delivery lately. */
  | 'previous-in-use'
  /** No delivery has come that was signed with the current version: the sender may not have been switched. */
  | 'current-unused'
  /** The previous version has verified nothing for some time, but not for long enough. */
  | 'waiting'
  /** Nobody signs with the previous version any more. */
  | 'previous-idle';

export interface RotationFacts {
  readonly versions: SecretVersions;
  readonly use: SecretUse;
  readonly now: Date;
  /** How long a container may go on with what it has read. */
  readonly cacheSeconds: number;
  /** For how long the previous version must have verified nothing. */
  readonly quietSeconds: number;
}

/** From when on a container's labels are those of the last change. */
export const spreadAt = (versions: SecretVersions, cacheSeconds: number): Date =>
  new Date(versions.changedAt.getTime() + cacheSeconds * 1000);

/** Says how far a rotation has got; what cannot be known counts as in use. */
export function judgeRotation({
  versions,
  use,
  now,
  cacheSeconds,
  quietSeconds,
}: RotationFacts): RotationState {
  if (!versions.hasCurrent) return 'no-secret';
  if (versions.previous === undefined) return 'settled';
  const spread = spreadAt(versions, cacheSeconds);
  if (now < spread) return 'spreading';
  const quietSince = now.getTime() - quietSeconds * 1000;
  if (use.previous.lastAt !== undefined && use.previous.lastAt.getTime() >= quietSince)
    return 'previous-in-use';
  if (use.current.deliveries === 0) return 'current-unused';
  return spread.getTime() > quietSince ? 'waiting' : 'previous-idle';
}
