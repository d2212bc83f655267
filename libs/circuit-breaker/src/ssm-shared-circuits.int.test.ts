import { SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, expect, test } from '@jest/globals';
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
    const { Name, Value } = body as { Name: string; Value?: string };
    const isPut = request.headers['x-amz-target'] === 'AmazonSSM.PutParameter';
    if (isPut) parameters.set(Name, String(Value));
    const found = parameters.get(Name);
    const answer = isPut ? { Version: 1 } : { Parameter: { Name, Value: found } };
    response.writeHead(found === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(found === undefined ? { __type: 'ParameterNotFound' } : answer));
  });
});

async function storeAt(name: string) {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new SSMClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  return ssmSharedCircuits(name, client);
}
afterAll(() => void server.close());

circuitsStoreContract(() => storeAt(`/aftercall/${randomUUID()}/circuits`));

test('a Parameter Store that cannot be reached is said to be, and is no empty document', async () => {
  const store = await storeAt('/aftercall/test/circuits');
  server.close();
  server.closeAllConnections();
  await expect(store.read()).rejects.toThrow();
  await expect(store.write('{}')).rejects.toThrow();
});
