import { TokenRefusedError } from './token-errors.ts';

/** What an OAuth client logs in with. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * Reads the secret of an OAuth client: JSON with `clientId` and `clientSecret`.
 *
 * @throws TokenRefusedError that says what is missing and never shows a value
 */
export function parseClientCredentials(text: string): ClientCredentials {
  const { clientId, clientSecret } = parsedObject(text);
  if (!isCredential(clientId) || clientId.includes(':') || !isCredential(clientSecret)) {
    throw new TokenRefusedError(
      'invalid-client',
      'the secret of the OAuth client must be JSON with the texts clientId and clientSecret: store it so',
    );
  }
  return { clientId, clientSecret };
}

function parsedObject(text: string): { clientId?: unknown; clientSecret?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Visible ASCII, as Basic authentication carries it everywhere alike; a colon would end the client id. */
function isCredential(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]+$/.test(value);
}
