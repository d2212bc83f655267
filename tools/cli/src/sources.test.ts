import { expect, test } from '@jest/globals';
import { ResourceExistsException } from '@aws-sdk/client-secrets-manager';
import pc from 'picocolors';
import type { CommandContext, GlobalOptions } from './context.ts';
import { addSource } from './sources.ts';

interface Sent {
  readonly input: { readonly Name?: string; readonly SecretId?: string; readonly SecretString?: string };
}

function awsStage(options: Partial<GlobalOptions>, has: { current?: string; exists?: boolean } = {}) {
  const said: string[] = [];
  const sent: Sent['input'][] = [];
  const send = async ({ input }: Sent) => {
    sent.push(input);
    if (has.exists && input.Name !== undefined)
      throw new ResourceExistsException({ message: 'x', $metadata: {} });
  };
  const context = {
    options: { json: false, dryRun: false, yes: false, stage: 'dev', ...options },
    colors: pc.createColors(false),
    writeOut: (text: string) => void said.push(text),
    randomBytes: (count: number) => Buffer.alloc(count, 1),
    connect: async () => ({
      stage: 'dev',
      sources: [],
      clients: { secrets: { send } },
      currentSecret: async () => has.current,
      close: () => undefined,
    }),
  } as unknown as CommandContext;
  const add = (scheme = 'genesys-webhook') => addSource('crm', { scheme }, context);
  return { add, said, sent };
}
const HEX = '01'.repeat(32);

test('on AWS, without --yes, adding only says what to write', async () => {
  for (const options of [{}, { yes: true, dryRun: true }]) {
    const { add, said, sent } = awsStage(options);
    expect(await add()).toBe(0);
    expect(said.join()).toContain("{ key: 'crm', scheme: 'genesys-webhook' }");
    expect(sent).toEqual([]);
  }
});

test('with --yes the secret is made, in the form of its scheme, and shown once', async () => {
  const hex = awsStage({ yes: true });
  await hex.add();
  expect(hex.sent).toMatchObject([{ Name: 'aftercall/dev/sources/crm', SecretString: HEX }]);
  expect(hex.said.join()).toContain(HEX);
  const whsec = awsStage({ yes: true });
  await whsec.add('standard-webhooks');
  expect(whsec.sent[0]?.SecretString).toMatch(/^whsec_/);
});

test('a secret that is there and empty is filled', async () => {
  const { add, sent } = awsStage({ yes: true }, { exists: true });
  await add();
  expect(sent.at(-1)).toMatchObject({ SecretId: 'aftercall/dev/sources/crm', SecretString: HEX });
});

test('a secret that has a value is never overwritten', async () => {
  const { add, sent } = awsStage({ yes: true }, { current: 'x' });
  await expect(add()).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringContaining('has a value already'),
  });
  expect(sent).toEqual([]);
});
