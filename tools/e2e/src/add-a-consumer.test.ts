import { readLocalJson } from '@aftercall/local';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyCheckout } from './checkout-copy.ts';
import type { CheckoutCopy } from './checkout-copy.ts';
import { eventually } from './eventually.ts';
import { readRepositoryFile } from './repository-files.ts';
import { createSinks } from './sinks.ts';

const PAGE = 'docs/add-a-consumer.md';
const APP = 'churn-alerts';
/** Nx, ESLint and tsc start anew each time, on a machine that has other work. */
const PATIENCE_MILLIS = 180_000;

/** The lines that the page tells its reader to type, without the remarks behind them. */
const typed: readonly string[] = [...readRepositoryFile(PAGE).matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(
  ([, block = '']) =>
    block
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/ +#.*$/, '')),
);
const [generate = '', check = '', start = '', send = '', packageIt = '', synth = '', apply = ''] = typed;

let copy: CheckoutCopy;
const running: ChildProcess[] = [];

beforeAll(() => {
  copy = copyCheckout();
}, PATIENCE_MILLIS);

afterAll(async () => {
  for (const child of running) {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
  copy.remove();
});

const run = (line: string): Promise<string> => copy.run(line.split(' '));

test('the page is the one that is tried here', () => {
  expect(typed).toEqual([
    `npx nx g @aftercall/generators:function ${APP} --team=@aftercall/growth`,
    `npx nx run-many -t lint typecheck test build -p ${APP}`,
    'npm start',
    'npx aftercall send libs/schemas/src/fixtures/analytics-webhook/single.json',
    `npx nx run-many -t package -p ${APP}`,
    `node infra/main.mjs --stage=dev --stack=${APP}`,
    `cd dist/infra/dev/stacks/${APP} && terraform init && terraform apply`,
  ]);
});

test(
  'what the generator makes is formatted, and nothing else is touched but the lists that name apps',
  async () => {
    await run(`${generate} --skipInstall`);
    copy.link(APP);
    const changed = copy.changed();
    expect(changed.filter((file) => !file.startsWith(`apps/${APP}/`)).toSorted()).toEqual([
      '.github/CODEOWNERS',
      'infra/package.json',
      'infra/src/app-stacks.ts',
      'infra/src/routing.ts',
      `infra/src/stacks/${APP}.test.ts`,
      `infra/src/stacks/${APP}.ts`,
    ]);
    await copy.run(['npx', 'prettier', '--check', '--ignore-unknown', ...changed]);
  },
  PATIENCE_MILLIS,
);

test(
  'it passes lint, types and its own tests as it is, and builds',
  async () => {
    await run(check);
    expect(existsSync(join(copy.root, 'dist/apps', APP, 'main.mjs'))).toBe(true);
  },
  PATIENCE_MILLIS,
);

test(
  'on the local stack it works on an outcome, once',
  async () => {
    expect(start).toBe('npm start');
    await startStackOf(copy);
    await run(send);
    const records = await eventually(() => {
      const found = logRecords(copy.root).filter(({ msg }) => msg === 'outcome');
      expect(found).not.toEqual([]);
      return found;
    });
    expect(records).toMatchObject([{ result: 'processed', attempt: 1, source: 'main' }]);

    const local = readLocalJson(copy.root);
    if (!local) throw new Error('the stack has no local.json');
    const sinks = await createSinks(local);
    const own = await sinks.ledgerRows(APP);
    sinks.close();
    expect(own).toMatchObject([
      { pk: `${APP}#main#${String(records[0]?.['eventId'])}`, status: 'COMPLETED' },
    ]);
  },
  PATIENCE_MILLIS,
);

test(
  'it is packaged and synthesised alone, ready for Terraform',
  async () => {
    await run(packageIt);
    await run(synth);
    const folder = join(copy.root, apply.replace(/^cd (\S+) .*$/, '$1'));
    expect(existsSync(join(folder, 'cdk.tf.json'))).toBe(true);
    expect(existsSync(join(folder, `dist/apps/${APP}.zip`))).toBe(true);
  },
  PATIENCE_MILLIS,
);

/** As `npm start` does, but for the port, which may be taken, and for npm, which would not pass a signal on. */
async function startStackOf({ root, environment }: CheckoutCopy): Promise<void> {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  const [, ...script] = scripts.start.split(' ');
  const child = spawn(process.execPath, [...script, '--port=0'], { cwd: root, env: environment });
  running.push(child);
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const ready = eventually(() => expect(said).toMatch(/^ready http/m), PATIENCE_MILLIS / 1_000);
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`the stack ended:\n${said}`)));
  await Promise.race([ready, ended]);
}

/** The last line may be half written. */
function logRecords(root: string): readonly Readonly<Record<string, unknown>>[] {
  const lines = readFileSync(join(root, `.aftercall/logs/${APP}.ndjson`), 'utf8')
    .split('\n')
    .slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}
