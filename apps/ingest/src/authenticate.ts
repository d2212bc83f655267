import type { Source } from '@aftercall/schemas';
import type { Secrets, VersionStage } from '@aftercall/secrets';
import {
  type Delivery,
  isUsableSecret,
  schemeOf,
  type SignatureScheme,
  type VerifiedDelivery,
  verifyDelivery,
} from '@aftercall/signing';

export interface AuthenticateDeps {
  readonly secrets: Secrets;
  /** Document 002's environment secret; for sources that have none in Secrets Manager. */
  readonly webhookSecret: string | undefined;
  readonly now: () => Date;
}

/** Which secret a sender signs with: a version of the source's own, by its label, or the environment's. */
export type SecretVersion = VersionStage | 'environment';

export type Authentication =
  | {
      readonly outcome: 'verified';
      readonly delivery: VerifiedDelivery;
      /** As far as this container knows: for one cache lifetime after a rotation its labels may be the old ones. */
      readonly secretVersion: SecretVersion;
    }
  | { readonly outcome: 'refused'; readonly reason: string }
  /** We lack what it takes to judge: the sender must try again. */
  | { readonly outcome: 'unavailable'; readonly reason: string };

/**
 * Checks the signature over the raw bytes. A mismatch refreshes the secret once (rate-limited), because a rotation may
 * have happened since it was read; while that cannot be done, nothing is refused for good.
 *
 * @throws SecretUnavailableError when no value of the secret is at hand
 */
export async function authenticate(
  delivery: Delivery,
  source: Source,
  deps: AuthenticateDeps,
  signal: AbortSignal,
): Promise<Authentication> {
  const scheme = schemeOf(source.scheme);
  const candidates = await candidatesOf(source, deps, signal);
  if (candidates.secrets.length === 0) return { outcome: 'unavailable', reason: 'no-secret' };
  if (!candidates.secrets.some((secret) => isUsableSecret(scheme, secret)))
    return { outcome: 'unavailable', reason: 'unusable-secret' };
  const first = check(delivery, scheme, candidates, deps);
  if (first.outcome === 'verified' || first.reason !== 'no-match') return first;

  const refresh = await deps.secrets.refresh(source.secretName, signal);
  if (refresh === 'unavailable') return { outcome: 'unavailable', reason: 'secret-unavailable' };
  if (refresh === 'too-soon') return first;
  return check(delivery, scheme, await candidatesOf(source, deps, signal), deps);
}

/** The secrets that may have signed a delivery, each with its version at the same place. */
interface Candidates {
  readonly secrets: readonly string[];
  readonly versions: readonly SecretVersion[];
}

const VERSIONS: readonly SecretVersion[] = ['AWSCURRENT', 'AWSPREVIOUS'];

async function candidatesOf(
  source: Source,
  deps: AuthenticateDeps,
  signal: AbortSignal,
): Promise<Candidates> {
  const secrets = await deps.secrets.values(source.secretName, signal);
  if (secrets.length > 0 || deps.webhookSecret === undefined) return { secrets, versions: VERSIONS };
  return { secrets: [deps.webhookSecret], versions: ['environment'] };
}

type Judged = Exclude<Authentication, { readonly outcome: 'unavailable' }>;

function check(
  delivery: Delivery,
  scheme: SignatureScheme,
  { secrets, versions }: Candidates,
  { now }: AuthenticateDeps,
): Judged {
  const verification = verifyDelivery(delivery, scheme, secrets, now());
  if (verification.outcome === 'refused') return { outcome: 'refused', reason: verification.code };
  const { secretIndex } = verification.delivery;
  return { ...verification, secretVersion: versions[secretIndex] ?? 'AWSPREVIOUS' };
}
