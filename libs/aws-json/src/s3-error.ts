import { AwsJsonError } from './aws-json-error.ts';

const ERROR = /^\s*(?:<\?xml[^>]*\?>\s*)?<Error>(.*)<\/Error>\s*$/s;
const CODE = /<Code>([\w.]+)<\/Code>/;
const MESSAGE = /<Message>([^<]*)<\/Message>/;
const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

/**
 * The error that an answer of S3 speaks of. One without a body has the name that the SDK gives it.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses
 */
export function s3Error(status: number, text: string): AwsJsonError {
  const error = ERROR.exec(text)?.[1] ?? '';
  const message = MESSAGE.exec(error)?.[1]?.replace(/&\w+;/g, (entity) => ENTITIES[entity] ?? entity);
  return new AwsJsonError(
    CODE.exec(error)?.[1] ?? (status === 404 ? 'NotFound' : 'Unknown'),
    message ?? `S3 answered ${status}`,
    status,
  );
}
