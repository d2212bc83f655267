import { GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { CircuitsStore } from './shared-circuits.ts';

/** Advice is not worth a wait. */
const IMPATIENT = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 500, requestTimeout: 1_000, throwOnRequestTimeout: true },
};

/** The stage's document in a parameter of the Parameter Store. */
export function ssmSharedCircuits(parameter: string, client = new SSMClient(IMPATIENT)): CircuitsStore {
  return {
    read: async () => {
      try {
        const { Parameter } = await client.send(new GetParameterCommand({ Name: parameter }));
        return Parameter?.Value;
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined;
        throw error;
      }
    },
    write: async (text) => {
      await client.send(
        new PutParameterCommand({ Name: parameter, Value: text, Type: 'String', Overwrite: true }),
      );
    },
  };
}
