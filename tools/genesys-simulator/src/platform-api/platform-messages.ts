/** A request to the API or the login host. */
export interface ApiRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** What is answered; JSON unless it says otherwise. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Genesys Cloud's form of an error. @see https://developer.genesys.cloud/forum/t/normalized-platform-api-429-responses/12028 */
export function errorAnswer(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ApiAnswer {
  const contextId = headers['inin-correlation-id'] ?? '';
  return { status, headers, body: { message, code, status, contextId, details: [], errors: [] } };
}

export const notFound = (): ApiAnswer =>
  errorAnswer(404, 'resource.not.found', 'The requested resource could not be found.');

export const badRequest = (message: string): ApiAnswer => errorAnswer(400, 'bad.request', message);
