import type {
  DeleteParameterRequest,
  GetParameterRequest,
  GetParametersByPathRequest,
  GetParametersRequest,
  PutParameterRequest,
} from '@aws-sdk/client-ssm';
import { arn } from './identity.ts';
import { AwsError } from './json-target-server.ts';
import type { Actions } from './json-target-server.ts';

interface ParameterVersion {
  readonly Name: string;
  readonly Type: string;
  readonly Value: string;
  readonly Version: number;
  readonly LastModifiedDate: number;
  readonly ARN: string;
  readonly DataType: 'text';
}

const DEFAULT_PAGE = 10;

/** Systems Manager's Parameter Store in memory; every version is kept and read with `name:version`. */
export function parameterStoreActions({ now }: { now: () => Date }): Actions {
  const parameters = new Map<string, ParameterVersion[]>();

  const read = (nameOrArn: string): ParameterVersion => {
    const name = nameOrArn.replace(/^arn:.*:parameter(?=\/)/, '');
    const [, base = name, version] = /^(.*?)(?::(\d+))?$/.exec(name) ?? [];
    const versions = parameters.get(base);
    if (!versions) throw new AwsError('ParameterNotFound', `There is no parameter ${base}.`);
    const found =
      version === undefined ? versions.at(-1) : versions.find((v) => v.Version === Number(version));
    if (!found) throw new AwsError('ParameterVersionNotFound', `${base} has no version ${version}.`);
    return found;
  };
  const readable = (name: string): boolean => {
    try {
      return read(name) !== undefined;
    } catch {
      return false;
    }
  };

  return {
    PutParameter: (input: PutParameterRequest) => {
      const { Name: name, Value: value } = input;
      if (!name || !value)
        throw new AwsError('ValidationException', 'Name and Value are required and not empty.');
      const versions = parameters.get(name) ?? [];
      if (versions.length > 0 && !input.Overwrite) {
        throw new AwsError(
          'ParameterAlreadyExists',
          'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
        );
      }
      const next: ParameterVersion = {
        Name: name,
        Type: input.Type ?? versions.at(-1)?.Type ?? 'String',
        Value: value,
        Version: (versions.at(-1)?.Version ?? 0) + 1,
        LastModifiedDate: now().getTime() / 1000,
        ARN: arn('ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`),
        DataType: 'text',
      };
      parameters.set(name, [...versions, next]);
      return { Version: next.Version, Tier: 'Standard' };
    },
    GetParameter: (input: GetParameterRequest) => ({ Parameter: read(input.Name ?? '') }),
    GetParameters: (input: GetParametersRequest) => {
      const names = input.Names ?? [];
      return {
        Parameters: names.filter(readable).map(read),
        InvalidParameters: names.filter((name) => !readable(name)),
      };
    },
    GetParametersByPath: (input: GetParametersByPathRequest) => byPath([...parameters.values()], input),
    DeleteParameter: (input: DeleteParameterRequest) => {
      read(input.Name ?? '');
      parameters.delete(input.Name ?? '');
      return {};
    },
  };
}

function byPath(parameters: readonly ParameterVersion[][], input: GetParametersByPathRequest) {
  if (!input.Path?.startsWith('/'))
    throw new AwsError('ValidationException', 'The path must begin with a slash.');
  const prefix = input.Path.endsWith('/') ? input.Path : `${input.Path}/`;
  const under = (name: string): boolean =>
    name.startsWith(prefix) && (input.Recursive === true || !name.slice(prefix.length).includes('/'));
  const latest = parameters.flatMap((versions) => versions.at(-1) ?? []).filter(({ Name }) => under(Name));
  const sorted = latest.toSorted((a, b) => (a.Name < b.Name ? -1 : 1));
  const start = Number(input.NextToken ?? 0);
  const end = start + (input.MaxResults ?? DEFAULT_PAGE);
  return { Parameters: sorted.slice(start, end), ...(end < sorted.length && { NextToken: String(end) }) };
}
