import type { Source } from '@aftercall/schemas';
import type { Secrets } from '@aftercall/secrets';
import {
  type Delivery,
  isUsableSecret,
  schemeOf,
  type VerifiedDelivery,
  verifyDelivery,
} from '@aftercall/signing';

export interface AuthenticateDeps {
  readonly secrets: Secrets;
  /** Document 002's environment secret; for sources that have none in Secrets Manager. */
  readonly webhookSecret: string | undefined;
  readonly now: () => Date;
}

export type Authentication =
  | { readonly outcome: 'verified'; readonly delivery: VerifiedDelivery }
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
  const secrets = await secretsOf(source, deps, signal);
  if (secrets.length === 0) return { outcome: 'unavailable', reason: 'no-secret' };
  if (!secrets.some((secret) => isUsableSecret(scheme, secret)))
    return { outcome: 'unavailable', reason: 'unusable-secret' };
  const first = verifyDelivery(delivery, scheme, secrets, deps.now());
  if (first.outcome === 'verified') return first;
  if (first.code !== 'no-match') return { outcome: 'refused', reason: first.code };

  const refresh = await deps.secrets.refresh(source.secretName, signal);
  if (refresh === 'unavailable') return { outcome: 'unavailable', reason: 'secret-unavailable' };
  if (refresh === 'too-soon') return { outcome: 'refused', reason: first.code };
  const second = verifyDelivery(delivery, scheme, await secretsOf(source, deps, signal), deps.now());
  return second.outcome === 'verified' ? second : { outcome: 'refused', reason: second.code };
}

async function secretsOf(
  source: Source,
  deps: AuthenticateDeps,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const values = await deps.secrets.values(source.secretName, signal);
  if (values.length > 0 || deps.webhookSecret === undefined) return values;
  return [deps.webhookSecret];
}
