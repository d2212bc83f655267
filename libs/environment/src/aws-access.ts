import { type Environment, parseEnvironment } from './parse-environment.ts';
import { text } from './parsers.ts';

/** Of a function that calls AWS without the SDK. */
export interface AwsVariables {
  /** Who makes the calls that every event needs: `signed` (the default) is ours, `sdk` the AWS SDK. */
  AWS_CALLS?: 'signed' | 'sdk';
}

/** The SDK's own variables. */
const ENDPOINTS = {
  dynamodb: 'AWS_ENDPOINT_URL_DYNAMODB',
  events: 'AWS_ENDPOINT_URL_EVENTBRIDGE',
  s3: 'AWS_ENDPOINT_URL_S3',
  secretsmanager: 'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  ssm: 'AWS_ENDPOINT_URL_SSM',
} as const;

/** What Lambda itself sets. */
const lambdaVariables = {
  AWS_REGION: text,
  AWS_ACCESS_KEY_ID: text,
  AWS_SECRET_ACCESS_KEY: text,
};

/**
 * How a function reaches AWS without the SDK; `sdk` where the variable `AWS_CALLS` says so. As for the SDK,
 * `AWS_ENDPOINT_URL_…` and `AWS_ENDPOINT_URL` say where a service is.
 *
 * @throws Error naming every missing or malformed variable, never its value
 */
export function awsAccess(env: Environment) {
  const { AWS_CALLS: calls = 'signed' } = env;
  if (calls !== 'signed' && calls !== 'sdk') throw new Error('bad environment: AWS_CALLS');
  if (calls === 'sdk') return 'sdk' as const;
  const { AWS_REGION: region, ...keys } = parseEnvironment(env, lambdaVariables);
  const sessionToken = env['AWS_SESSION_TOKEN'];
  return {
    region,
    credentials: {
      accessKeyId: keys.AWS_ACCESS_KEY_ID,
      secretAccessKey: keys.AWS_SECRET_ACCESS_KEY,
      ...(sessionToken && { sessionToken }),
    },
    endpointOf: (service: keyof typeof ENDPOINTS) =>
      env[ENDPOINTS[service]] || env['AWS_ENDPOINT_URL'] || regionalUrl(service, region),
  };
}

/** What a config holds of it; `@aftercall/aws-json/function` takes it as it is. */
export type AwsAccess = ReturnType<typeof awsAccess>;

/** @see https://docs.aws.amazon.com/general/latest/gr/rande.html */
const regionalUrl = (service: string, region: string): string =>
  `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
