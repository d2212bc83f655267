import {
  GenesysAnswerError,
  GenesysRefusedError,
  platformApis,
  type PlatformApisDeps,
} from '@aftercall/genesys';
import { parseClientCredentials, TokenRefusedError } from '@aftercall/oauth';
import { parsedSecret, type Secrets } from '@aftercall/secrets';
import type { RouteDeps, Tagged } from './route-fact.ts';

/** What setting tags needs from the outside world. */
export interface ConversationTagsDeps extends Omit<PlatformApisDeps, 'credentials' | 'secretText'> {
  readonly secrets: Secrets;
}

/** What is left of an invocation for giving messages back. */
const RESERVE_MILLIS = 5_000;

/**
 * Sets external tags through each organisation's Platform API. Who refuses a tag refuses it again: only an outage is
 * thrown, so that nothing that somebody has yet to grant or to store makes QA teams read a message again and again.
 */
export function httpConversationTags(deps: ConversationTagsDeps): RouteDeps['setTag'] {
  const { orgs, secrets } = deps;
  const apis = platformApis({
    ...deps,
    credentials: (name) => parsedSecret(secrets, name, parseClientCredentials),
    secretText: (name) => parsedSecret(secrets, name, (url) => url).current(),
  });
  return async ({ org, conversationId, tag }, remainingMillis) => {
    const [api, reached] = [apis(org), orgs.get(org)];
    if (!api || !reached) {
      return refused(
        'no-genesys-org',
        new Error(`the stage's genesys list has no organisation ${org}: add it`),
      );
    }
    try {
      await requireSecret(secrets, reached.secretName);
      await api.setExternalTag(conversationId, tag, {
        remainingMillis: () => remainingMillis() - RESERVE_MILLIS,
      });
      return { outcome: 'tagged' };
    } catch (error) {
      if (error instanceof Error && isFinal(error)) return refused('tag-refused', error);
      throw error;
    }
  };
}

/** Terraform makes secrets without a value: that is no outage, though a read of one looks the same. */
async function requireSecret(secrets: Secrets, name: string): Promise<void> {
  const [current] = await secrets.values(name);
  if (current === undefined)
    throw new TokenRefusedError(
      'invalid-client',
      `the secret ${name} has no value: store the OAuth client in it`,
    );
}

const isFinal = (error: Error): boolean =>
  error instanceof GenesysRefusedError ||
  error instanceof GenesysAnswerError ||
  error instanceof TokenRefusedError;

const refused = (reason: 'no-genesys-org' | 'tag-refused', error: Error): Tagged => ({
  outcome: 'refused',
  reason,
  error,
});
