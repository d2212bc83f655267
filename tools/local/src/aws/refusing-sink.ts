import { listenOnLoopback } from './listen.ts';
import type { LocalServer } from './listen.ts';

/**
 * Where `AWS_ENDPOINT_URL` points: a call to a service that the local stack does not have ends here with
 * an error that names it, instead of at amazonaws.com. Answers 400, which the SDK does not retry.
 */
export function startRefusingSink({ report }: { report: (line: string) => void }): Promise<LocalServer> {
  return listenOnLoopback((request, response) => {
    const scope = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
    const target = String(request.headers['x-amz-target'] ?? `${request.method} ${request.url}`);
    const message = `the local stack has no AWS service "${scope ?? 'unknown'}" (${target})`;
    report(message);
    request.resume();
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ __type: 'UnknownServiceException', message }));
  }, 0);
}
