import { SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AwsCall } from '@aftercall/aws-json';
import { ssmCall } from '@aftercall/aws-json/function';
import { sdkSsm } from '@aftercall/aws-json/sdk-ssm';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { circuitsStoreContract } from './circuits-store-contract.ts';
import { ssmSharedCircuits } from './ssm-shared-circuits.ts';

/** The two calls of Parameter Store that are made, as it answers them. */
const parameters = new Map<string, string>();
const server = createServer((request, response) => {
  void json(request).then((body) => {
    const { Name, Value, Overwrite } = body as { Name: string; Value?: string; Overwrite?: boolean };
    const isPut = request.headers['x-amz-target'] === 'AmazonSSM.PutParameter';
    const reply = (status: number, answer: object) =>
      response
        .writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
        .end(JSON.stringify(answer));
    if (isPut && parameters.has(Name) && !Overwrite) return reply(400, { __type: 'ParameterAlreadyExists' });
    if (isPut) parameters.set(Name, String(Value));
    const found = parameters.get(Name);
    if (found === undefined) return reply(400, { __type: 'ParameterNotFound' });
    return reply(200, isPut ? { Version: 1 } : { Parameter: { Name, Value: found } });
  });
});

const LOCAL = { region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

const WAYS: Readonly<Record<string, (endpoint: string) => AwsCall>> = {
  'the SDK': (endpoint) => sdkSsm(new SSMClient({ ...LOCAL, endpoint, maxAttempts: 1 })),
  'requests signed by hand': (endpoint) =>
    ssmCall({ access: { ...LOCAL, endpointOf: () => endpoint }, maxAttempts: 1, timeoutMillis: 5_000 }),
};

beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => void server.close());

describe.each(Object.entries(WAYS))('with %s', (_way, callOf) => {
  circuitsStoreContract(async () =>
    ssmSharedCircuits(
      callOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
      `/aftercall/${randomUUID()}/circuits`,
    ),
  );

  test('a Parameter Store that cannot be reached is said to be, and is no empty document', async () => {
    const store = ssmSharedCircuits(callOf('http://127.0.0.1:9'), '/aftercall/test/circuits');
    await expect(store.read()).rejects.toThrow();
    await expect(store.write('{}')).rejects.toThrow();
  });
});
