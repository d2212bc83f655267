import { expect, test } from '@jest/globals';
import { unzipSync } from 'fflate';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const REPOSITORY = resolve(import.meta.dirname, '../../..');
const APPS = readdirSync(join(REPOSITORY, 'apps'));

async function inScratch(work: (directory: string) => void | Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'aftercall-package-'));
  try {
    await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const node = (args: readonly string[], options: { cwd: string; env?: Record<string, string> }): string =>
  execFileSync(process.execPath, [...args], { encoding: 'utf8', ...options });

const zipOf = (app: string): Buffer => readFileSync(join(REPOSITORY, 'dist/apps', `${app}.zip`));

/** Packages a copy of the built app whose files are of the given age. */
function packagedAgain(app: string, directory: string, time: Date): Buffer {
  const copy = join(directory, 'dist/apps', app);
  cpSync(join(REPOSITORY, 'dist/apps', app), copy, { recursive: true });
  for (const file of readdirSync(copy, { recursive: true, encoding: 'utf8' }))
    utimesSync(join(copy, file), time, time);
  node([join(REPOSITORY, 'infra/src/package.ts'), app], { cwd: directory });
  return readFileSync(`${copy}.zip`);
}

test.each(APPS)('%s packages to the same bytes whenever it is packaged', async (app) => {
  await inScratch((directory) => {
    for (const time of [new Date('2026-01-01T00:00:00Z'), new Date('2027-06-01T12:34:56Z')]) {
      expect(packagedAgain(app, directory, time).equals(zipOf(app))).toBe(true);
    }
  });
});

test('what a synthesis packages by itself is what Nx builds and packages', async () => {
  await inScratch((directory) => {
    const args = ['infra/main.mjs', 'synth', '--package', '--stage=full', `--outdir=${directory}`];
    node(args, { cwd: REPOSITORY });
    for (const app of APPS)
      expect(readFileSync(join(directory, 'packages', `${app}.zip`)).equals(zipOf(app))).toBe(true);
  });
}, 60_000);

/** What the stack synthesised for the app says its environment is; what only AWS knows is filled in. */
function environmentOf(app: string, directory: string): Record<string, string> {
  node([join(REPOSITORY, 'infra/main.mjs'), '--stage=local', `--outdir=${directory}`], {
    cwd: REPOSITORY,
  });
  const stack = JSON.parse(readFileSync(join(directory, 'stacks', app, 'cdk.tf.json'), 'utf8')) as {
    resource: {
      aws_lambda_function: Record<
        string,
        { handler: string; environment: { variables: Record<string, string> } }
      >;
    };
  };
  const [lambda] = Object.values(stack.resource.aws_lambda_function);
  expect(lambda?.handler).toBe('main.handler');
  const variables = Object.entries(lambda?.environment.variables ?? {});
  return Object.fromEntries(
    variables.map(([name, value]) => [
      name,
      value.replaceAll(/\$\{[^}]*\.url\}/g, 'http://127.0.0.1:1/queue'),
    ]),
  );
}

/** What a function that takes from a queue says to an empty batch. */
const EMPTY_BATCH = { event: { Records: [] }, answer: { batchItemFailures: [] } };

/** The functions that something else calls. */
const EVENTS: Readonly<Record<string, { readonly event: unknown; readonly answer: object }>> = {
  ingest: {
    event: {
      version: '2.0',
      headers: {},
      isBase64Encoded: false,
      requestContext: { http: { method: 'GET' }, requestId: 'r-1' },
    },
    answer: { statusCode: 405, headers: { 'x-request-id': 'r-1' } },
  },
  'secret-rotator': { event: { Step: 'none' }, answer: { refusedAs: 'RotationError' } },
};

test.each(APPS)(
  '%s unpacks to a function that a fresh Node loads with the environment of its stack',
  async (app) => {
    await inScratch((directory) => {
      const files = unzipSync(zipOf(app));
      expect(Object.keys(files)).toContain('main.mjs');
      for (const [name, bytes] of Object.entries(files)) {
        mkdirSync(dirname(join(directory, name)), { recursive: true });
        writeFileSync(join(directory, name), bytes);
      }
      const env = {
        ...{ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none', TZ: 'UTC' },
        ...environmentOf(app, join(directory, 'terraform')),
      };
      const { event, answer } = EVENTS[app] ?? EMPTY_BATCH;
      const call = `const { handler } = await import('./main.mjs');
      const answer = await handler(${JSON.stringify(event)}, { getRemainingTimeInMillis: () => 1000 })
        .catch(({ name }) => ({ refusedAs: name }));
      console.log('\\n' + JSON.stringify(answer));`;
      const output = node(['--input-type=module', '-e', call], { cwd: directory, env });
      expect(JSON.parse(output.trim().split('\n').at(-1) ?? '')).toMatchObject(answer ?? { unknown: app });
    });
  },
);

test.each(APPS)(
  '%s fails at its start, and names every variable, when its environment is not there',
  async (app) => {
    await inScratch((directory) => {
      const main = join(REPOSITORY, 'dist/apps', app, 'main.mjs');
      const load = `await import(${JSON.stringify(main)}).then(() => console.log('loaded'), ({ message }) => console.log(message));`;
      const output = node(['--input-type=module', '-e', load], { cwd: directory, env: {} });
      expect(output).toContain('bad environment');
      const names = Object.keys(environmentOf(app, join(directory, 'terraform')));
      expect(names.length).toBeGreaterThan(5);
      for (const name of names) expect(output).toContain(name);
    });
  },
);
