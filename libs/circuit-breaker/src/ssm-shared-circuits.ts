import type { AwsCall } from '@aftercall/aws-json';
import type { CircuitsStore } from './shared-circuits.ts';

/** The stage's document in a parameter of the Parameter Store. */
export function ssmSharedCircuits(call: AwsCall, parameter: string): CircuitsStore {
  return {
    read: async () => {
      try {
        const { Parameter }: GetParameterOutput = await call('GetParameter', { Name: parameter });
        return Parameter?.Value;
      } catch (error) {
        if (Error.isError(error) && error.name === 'ParameterNotFound') return undefined;
        throw error;
      }
    },
    write: async (text) => {
      await call('PutParameter', { Name: parameter, Value: text, Type: 'String', Overwrite: true });
    },
  };
}

interface GetParameterOutput {
  readonly Parameter?: { readonly Value?: string };
}
