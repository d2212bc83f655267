import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { APP_NAMES } from './synth.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');

/** A repository whose stages and owners can be spoilt: its own `infra`, everything else is the original's. */
let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'aftercall-bad-input-'));
  cpSync(join(REPOSITORY, 'infra'), join(copy, 'infra'), {
    recursive: true,
    filter: (file) => !/node_modules|\.test\.ts$|__snapshots__|cdktf\.out/.test(file),
  });
  for (const folder of ['node_modules', 'libs', 'apps', 'tools'])
    symlinkSync(join(REPOSITORY, folder), join(copy, folder));
  mkdirSync(join(copy, '.github'));
  mkdirSync(join(copy, 'dist/apps'), { recursive: true });
  for (const app of APP_NAMES) writeFileSync(join(copy, 'dist/apps', `${app}.zip`), `zip of ${app}`);
});
afterAll(() => rmSync(copy, { recursive: true }));

interface Spoilt {
  /** Of `infra/stages/dev.ts`: a text and what takes its place. */
  readonly stage?: readonly [text: string, spoilt: string];
  /** Of `.github/CODEOWNERS`. */
  readonly owners?: readonly [text: string, spoilt: string];
  readonly withoutZip?: string;
  readonly args?: readonly string[];
}

/** What the command says of a repository that is spoilt in one place, and whether it has written anything. */
function synthOf({ stage, owners, withoutZip, args = ['--stage=dev'] }: Spoilt) {
  write('infra/stages/dev.ts', stage);
  write('.github/CODEOWNERS', owners);
  const zip = join(copy, 'dist/apps', `${withoutZip}.zip`);
  if (withoutZip !== undefined) rmSync(zip);
  try {
    const outdir = join(copy, 'out');
    const command = [join(copy, 'infra/main.mjs'), 'synth', ...args, `--outdir=${outdir}`];
    const env = { ...process.env, NODE_OPTIONS: '' };
    const { status, stderr } = spawnSync(process.execPath, command, { cwd: copy, encoding: 'utf8', env });
    return { status, stderr, hasWritten: existsSync(outdir) };
  } finally {
    if (withoutZip !== undefined) writeFileSync(zip, 'zip');
  }
}

function write(file: string, change: readonly [string, string] | undefined): void {
  const original = readFileSync(join(REPOSITORY, file), 'utf8');
  const [text, spoilt] = change ?? ['', ''];
  if (!original.includes(text)) throw new Error(`${file} does not say ${text}`);
  writeFileSync(join(copy, file), original.replace(text, spoilt));
}

const SOURCE = "{ key: 'main', scheme: 'genesys-webhook' },";
const CRM = 'https://crm.example.com/aftercall/outcomes';

describe('before anything is synthesised, the command names what is wrong, and where:', () => {
  test.each<[string, Spoilt, string]>([
    ['an unknown stage', { args: ['--stage=moon'] }, 'unknown stage "moon": there are local, dev'],
    [
      'a zip that is not there',
      { withoutZip: 'processor' },
      'dist/apps/processor.zip is missing: run `npx nx run processor:package` first',
    ],
    [
      'a domain that is none',
      {
        stage: [
          '  logLevel:',
          "  front: { domain: { name: 'https://hooks', zone: 'example.com' } },\n  logLevel:",
        ],
      },
      'front.domain.name: must be a host name',
    ],
    ['a CRM that is not reached over https', { stage: [CRM, 'http://crm.example.com/x'] }, 'crm.endpoint: '],
    ['a CRM that is inside', { stage: [CRM, 'https://169.254.169.254/latest'] }, 'crm.endpoint: '],
    [
      'the value of a secret',
      { stage: [SOURCE, "{ key: 'main', scheme: 'genesys-webhook', secret: 'correct-horse-battery' },"] },
      'sources[0].secret: ',
    ],
    [
      'what looks like the value of a secret',
      { stage: ["costCentre: 'contact-centre'", "costCentre: 'AKIAIOSFODNN7EXAMPLE'"] },
      'costCentre: looks like a secret value; keep it in Secrets Manager only',
    ],
    [
      'an unknown scheme',
      { stage: [SOURCE, "{ key: 'main', scheme: 'md5' as never },"] },
      'sources[0].scheme: is not a known scheme; libs/schemas/src/source.ts lists them',
    ],
    [
      'two sources of one key',
      { stage: ["{ key: 'messaging'", "{ key: 'main'"] },
      'sources[1].key: is the key of sources[0] too',
    ],
    [
      'an app without an owner',
      { owners: ['/apps/processor/', '/apps/somewhere-else/'] },
      'apps/processor has no owner in .github/CODEOWNERS',
    ],
  ])('%s', (_, spoilt, message) => {
    const { status, stderr, hasWritten } = synthOf(spoilt);
    expect({ status, stderr, hasWritten }).toEqual({
      status: 2,
      stderr: expect.stringContaining(message),
      hasWritten: false,
    });
    expect(stderr).not.toMatch(/\n\s+at |correct-horse|AKIA/);
  });

  test('and of what is not spoilt, nothing', () => {
    expect(synthOf({ args: ['--stage=dev', '--stack=ingest'] })).toEqual({
      status: 0,
      stderr: '',
      hasWritten: true,
    });
  });
});
