import { FUNCTION_OPERATIONS, permissionsOf } from '@aftercall/cli';
import { PARTNER_TOPICS } from '@aftercall/schemas';
import type { GenesysFunction } from '@aftercall/cli';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableRowsOf } from './documents.ts';
import { eventually } from './eventually.ts';
import { request } from './http.ts';
import { readRepositoryFile, REPOSITORY, repositoryFiles } from './repository-files.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const PAGE = readRepositoryFile('docs/genesys-setup.md');
const FUNCTIONS = Object.keys(FUNCTION_OPERATIONS) as GenesysFunction[];

/** The page's one block of a language. */
function block(language: string): string {
  const found = [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))];
  if (found.length !== 1) throw new Error(`the page has ${found.length} blocks of ${language}`);
  return found[0]?.[1] ?? '';
}

describe('the page says', () => {
  test('the topics that partner-ingest understands, and no others', () => {
    expect(block('text').trim().split('\n')).toEqual(PARTNER_TOPICS);
  });

  test('the permissions that each function’s calls need', () => {
    const said = tableRowsOf(PAGE).flatMap((row) => {
      const [, name = '', permissions = ''] = row.split('|').map((cell) => cell.trim());
      const known = FUNCTIONS.find((one) => `\`${one}\`` === name);
      return known ? [[known, [...permissions.matchAll(/`([\w:]+)`/g)].map(([, one]) => one)] as const] : [];
    });
    const needed = FUNCTIONS.map((name) => [name, permissionsOf(name)]);
    expect(said).toEqual(needed);
  });
});

test('the topics are those that the rule of the partner bus takes', () => {
  const directory = mkdtempSync(join(tmpdir(), 'aftercall-topics-'));
  try {
    const args = ['infra/main.mjs', '--stage=local', `--outdir=${directory}`];
    execFileSync(process.execPath, args, { cwd: REPOSITORY, env: { ...process.env, NODE_OPTIONS: '' } });
    const stack = readFileSync(join(directory, 'stacks/partner-ingest/cdk.tf.json'), 'utf8');
    const { resource } = JSON.parse(stack) as {
      resource: { aws_cloudwatch_event_rule: Record<string, { event_pattern: string }> };
    };
    const patterns = Object.values(resource.aws_cloudwatch_event_rule).map((rule) => rule.event_pattern);
    expect(patterns.length).toBeGreaterThan(0);
    for (const pattern of patterns)
      expect(pattern.match(/v2\.[\w.{}]+/g)?.toSorted()).toEqual(PARTNER_TOPICS.toSorted());
  } finally {
    rmSync(directory, { recursive: true });
  }
});

/** Calls of the client whose names are not those of the operations behind them. */
const OPERATION_OF: Readonly<Record<string, string>> = {
  queryDetails: 'detailsQuery',
  detailsAvailableUntil: 'detailsAvailability',
  categoryNames: 'categories',
  topicNames: 'topics',
};
const CALL =
  /\.(conversationMetrics|transcriptUrl|recordings|conversationDetails|queryDetails|createDetailsJob|detailsJob|detailsJobResults|deleteDetailsJob|detailsAvailableUntil|categoryNames|topicNames|availableTopics|setExternalTag|renewClientSecret)\(/g;

test.each(FUNCTIONS)('%s calls what the table of permissions says it calls', (name) => {
  const sources = repositoryFiles(`apps/${name}/src/*.ts`).filter((file) => !file.endsWith('.test.ts'));
  expect(sources).not.toEqual([]);
  const called = sources
    .flatMap((file) => [...readRepositoryFile(file).matchAll(CALL)])
    .map(([, call = '']) => OPERATION_OF[call] ?? call);
  expect([...new Set(called)].toSorted()).toEqual(FUNCTION_OPERATIONS[name].toSorted());
});

describe('what a data action sends', () => {
  let stage: Stage;
  let action: { readonly url: string; readonly secret: string };
  beforeAll(async () => {
    stage = await startStage();
    const scheme = /--scheme '(.*)'/.exec(PAGE)?.[1] ?? '';
    const { body } = await request(`${stage.local.control}/sources`, {
      body: JSON.stringify({ key: 'action', scheme: JSON.parse(scheme) as unknown }),
    });
    action = body as typeof action;
  });
  afterAll(() => stage.stop());

  /** The page's template with what a flow puts in. */
  const bodyOf = (conversationId: string): string => {
    const input: Readonly<Record<string, string>> = {
      conversationId,
      endedAt: '2026-11-20T09:11:03.900Z',
      mediaType: 'voice',
    };
    return block('json').replaceAll(/\$\{input\.(\w+)\}/g, (_whole, name: string) => input[name] ?? '');
  };
  const ended = (key: string) =>
    eventually(async () => expect(await stage.conversation(key)).toMatchObject({ status: 'ended' }));

  test('with the shared secret in its header is accepted and recorded; without it, refused', async () => {
    const conversationId = randomUUID();
    const post = (headers: Record<string, string>) =>
      request(action.url, {
        headers: { 'content-type': 'application/json', ...headers },
        body: bodyOf(conversationId),
      });
    expect((await post({})).status).toBe(401);
    expect((await post({ 'x-aftercall-key': 'guessed' })).status).toBe(401);
    expect((await post({ 'x-aftercall-key': action.secret })).status).toBe(200);
    await ended(`action/${conversationId}`);
  });

  describe('through the relay of the page', () => {
    const KEY = 'what only the data action knows';
    const directory = mkdtempSync(join(tmpdir(), 'aftercall-relay-'));
    const running: ChildProcess[] = [];
    afterAll(async () => {
      for (const child of running) {
        child.kill();
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      }
      rmSync(directory, { recursive: true });
    });

    async function startRelay(to: string): Promise<number> {
      const port = await freePort();
      const file = join(directory, 'relay.mjs');
      writeFileSync(file, block('js'));
      const env = {
        AFTERCALL_URL: to,
        SIGNING_SECRET: stage.source('main').secret,
        RELAY_KEY: KEY,
        PORT: String(port),
      };
      running.push(spawn(process.execPath, [file], { env, stdio: 'ignore' }));
      await eventually(() => fetch(`http://127.0.0.1:${port}`));
      return port;
    }
    const relayed = (port: number, key: string, body: string) =>
      request(`http://127.0.0.1:${port}`, { headers: { 'x-relay-key': key }, body });

    test('is signed, accepted and recorded', async () => {
      const port = await startRelay(stage.source('main').url);
      const conversationId = randomUUID();
      expect((await relayed(port, KEY, bodyOf(conversationId))).status).toBe(200);
      await ended(conversationId);
    });

    test('is refused without the relay’s key, and the answer of ingest comes back', async () => {
      const port = await startRelay(stage.source('main').url);
      for (const key of ['', 'guessed', `${KEY} `.repeat(2)])
        expect((await relayed(port, key, bodyOf(randomUUID()))).status).toBe(401);
      expect((await relayed(port, KEY, 'no JSON')).status).toBe(400);
    });

    test('is answered 500 when Aftercall is not there, and a sender that breaks off ends nothing', async () => {
      const port = await startRelay(`http://127.0.0.1:${await freePort()}/webhooks/main`);
      await breakOff(port, KEY);
      expect((await relayed(port, KEY, bodyOf(randomUUID()))).status).toBe(500);
      expect((await relayed(port, KEY, bodyOf(randomUUID()))).status).toBe(500);
    });
  });
});

/** Where nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Announces more than it sends, and goes. */
async function breakOff(port: number, key: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`POST / HTTP/1.1\r\nhost: x\r\nx-relay-key: ${key}\r\ncontent-length: 1000\r\n\r\n{"event`);
  await new Promise((later) => setTimeout(later, 100));
  socket.destroy();
  await once(socket, 'close');
}
