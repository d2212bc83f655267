import aws4 from 'aws4';
import type { AwsJsonDeps, AwsJsonService } from './aws-json-call.ts';
import type { HttpRequest } from './http-post.ts';

/** As Lambda gives them to a function, for as long as the function's environment lives. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A call as an HTTP request, signed for this second. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html */
export function signedRequest(
  endpoint: URL,
  service: AwsJsonService,
  operation: string,
  body: string,
  { region, credentials }: Pick<AwsJsonDeps, 'region' | 'credentials'>,
): HttpRequest {
  const { headers = {} } = aws4.sign(
    {
      service: service.name,
      region,
      method: 'POST',
      path: '/',
      headers: {
        host: endpoint.host,
        'content-type': `application/x-amz-json-${service.version}`,
        'x-amz-target': `${service.target}.${operation}`,
      },
      body,
    },
    credentials,
  );
  return { endpoint, headers, body };
}
