import {
  GenesysAnswerError,
  GenesysRefusedError,
  GenesysUnavailableError,
  platformApis,
  type PlatformApisDeps,
} from '@aftercall/genesys';
import { parseClientCredentials, TokenRefusedError, TokenUnavailableError } from '@aftercall/oauth';
import { PermanentError, TransientError } from '@aftercall/queue';
import { parsedSecret, type Secrets } from '@aftercall/secrets';
import type { LookUpNames } from './category-names.ts';

/** What asking Genesys Cloud needs from the outside world. */
export interface HttpCategoryNamesDeps extends Omit<PlatformApisDeps, 'credentials' | 'secretText' | 'log'> {
  readonly secrets: Secrets;
  readonly log: {
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
}

/**
 * Asks each organisation's Platform API. An outage and a permission or secret that somebody must correct are thrown as
 * they are: the event waits. An answer that nobody understands is a `PermanentError`.
 */
export function httpCategoryNames(deps: HttpCategoryNamesDeps): LookUpNames {
  const { secrets, log } = deps;
  const apis = platformApis({
    ...deps,
    credentials: (name) => parsedSecret(secrets, name, parseClientCredentials),
    secretText: (name) => parsedSecret(secrets, name, (url) => url).current(),
  });
  return async (org, ids, remainingMillis) => {
    try {
      return (await apis(org)?.categoryNames(ids, { remainingMillis })) ?? new Map();
    } catch (error) {
      throw failureOf(error, org, log);
    }
  };
}

function failureOf(error: unknown, org: string, log: HttpCategoryNamesDeps['log']): unknown {
  if (error instanceof GenesysAnswerError) {
    return new PermanentError('effect-refused', error.message, { cause: error });
  }
  if (error instanceof GenesysRefusedError || error instanceof TokenRefusedError) {
    log.error({ org, err: error }, 'events of categories wait until somebody has acted');
  }
  const isOutage = error instanceof GenesysUnavailableError || error instanceof TokenUnavailableError;
  if (!isOutage || error.retryAfterSeconds === undefined) return error;
  const { retryAfterSeconds } = error;
  return new TransientError(error.message, { retryAfterSeconds, cause: error });
}
