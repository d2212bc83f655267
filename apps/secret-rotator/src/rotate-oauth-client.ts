import { type ClientCredentials, parseClientCredentials, TokenRefusedError } from '@aftercall/oauth';
import type { Rotation } from './rotate-secret.ts';
import { RotationError } from './rotation-error.ts';

/** What rotating an OAuth client needs from the outside world. */
export interface OauthRotationDeps {
  /** Lets Genesys Cloud make a new secret for a client; the one before is void from then on. */
  newClientSecret(clientId: string): Promise<string>;
  /** Resolves when the client gets a token. */
  logIn(credentials: ClientCredentials): Promise<void>;
  /** For how long functions go by a value that they have read. */
  readonly cacheSeconds: number;
  now(): Date;
}

/** Two OAuth clients that take turns: one is in use, the other idle. */
interface ClientPair {
  readonly live: ClientCredentials;
  readonly standby: ClientCredentials;
}

/**
 * Two OAuth clients take turns: the idle one gets a new secret and becomes the one in use. Whoever still goes by the
 * value before logs in with the other client, whose secret nobody has touched.
 */
export function oauthRotation(deps: OauthRotationDeps): Rotation {
  return {
    next: async ({ text, since }) => {
      const { live, standby } = parsePair(text);
      const ageSeconds = (deps.now().getTime() - since.getTime()) / 1000;
      if (ageSeconds < deps.cacheSeconds) {
        const waitSeconds = Math.ceil(deps.cacheSeconds - ageSeconds);
        throw new RotationError(
          `the client that is idle now may still be in use for ${waitSeconds} s: rotate after that`,
        );
      }
      const clientSecret = await deps.newClientSecret(standby.clientId);
      return JSON.stringify({ clientId: standby.clientId, clientSecret, standby: live });
    },
    check: async (pending, current) => {
      const [after, before] = [parsePair(pending), parsePair(current)];
      // With a copy of the current value Secrets Manager tries whether a secret can be rotated, before it ever is.
      if (pending !== current && !takesTurns(after, before))
        throw new RotationError(
          'the pending value does not follow the current one, which was stored meanwhile: rotate anew',
        );
      await logIn(after.live, deps);
    },
  };
}

const takesTurns = (after: ClientPair, before: ClientPair): boolean =>
  after.live.clientId === before.standby.clientId && after.standby.clientId === before.live.clientId;

/** Genesys Cloud makes secrets, and a pending value cannot be changed: one that is refused stays refused. */
async function logIn(credentials: ClientCredentials, deps: OauthRotationDeps): Promise<void> {
  try {
    await deps.logIn(credentials);
  } catch (error) {
    if (!(error instanceof TokenRefusedError)) throw error;
    throw new RotationError(
      'the new secret is refused: take the label AWSPENDING off its version, and rotate anew',
      { cause: error },
    );
  }
}

/** @throws RotationError, and TokenRefusedError, which say what is missing and show no value */
function parsePair(text: string): ClientPair {
  const live = parseClientCredentials(text);
  const standbyText = standbyIn(JSON.parse(text));
  if (standbyText === undefined)
    throw new RotationError(
      'the secret has no standby: store {clientId, clientSecret, standby: {clientId, clientSecret}}, the standby a second OAuth client with the same roles',
    );
  const standby = parseClientCredentials(standbyText);
  if (standby.clientId === live.clientId)
    throw new RotationError('the standby is the client that is in use: it must be a second one');
  return { live, standby };
}

const standbyIn = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null && 'standby' in value
    ? JSON.stringify(value.standby)
    : undefined;
