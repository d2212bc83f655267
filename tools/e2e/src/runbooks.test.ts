import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';
import { genuineHeaders } from './http.ts';
import { analytics, outcome } from './payloads.ts';
import { readRepositoryFile, REPOSITORY, repositoryFiles } from './repository-files.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const PAGES = repositoryFiles('docs/runbooks/*.md');
const CLI = join(REPOSITORY, 'tools/cli/bin/aftercall.mjs');
/** A command that finds something wrong says so by its exit code; one that was not understood ends with 2. */
const UNDERSTOOD = [0, 1, 3];

const data = outcome();
let stage: Stage;
/** Where an operator sits: the stack's own folder, with the repository's fixtures and one recorded request at hand. */
let folder: string;

beforeAll(async () => {
  stage = await startStage();
  folder = dirname(dirname(stage.stack.logsDirectory));
  symlinkSync(join(REPOSITORY, 'libs'), join(folder, 'libs'));
  const body = analytics(`evt-${data.conversationId}`, data);
  const { url: _, ...signing } = stage.source('main');
  const headers = Object.entries(genuineHeaders(signing, body, 'delivery'));
  writeFileSync(join(folder, 'headers.txt'), headers.map(([name, value]) => `${name}: ${value}`).join('\n'));
  writeFileSync(join(folder, 'body.json'), body);
  expect((await stage.deliver('main', body)).status).toBe(200);
  await eventually(async () => expect(await stage.conversation(data.conversationId)).toBeDefined());
}, 60_000);
afterAll(() => stage.stop());

/** The commands of a page, as they are pasted into a shell; what is in angle brackets is an id. */
const commandsOf = (page: string): readonly string[] =>
  [...readRepositoryFile(page).matchAll(/(?:^|`)(npx aftercall [^`\n]+)/gm)].map(([, command = '']) =>
    command.replaceAll(/<[^>]+>/g, data.conversationId),
  );

/** Runs in a shell what a person pastes, with the command that `npx` would find. */
async function paste(command: string) {
  const line = command.replace(/^npx aftercall/, `"${process.execPath}" "${CLI}"`);
  const env = { ...process.env, NODE_OPTIONS: '' };
  try {
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', line], { cwd: folder, env });
    return { exitCode: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { exitCode: code, stdout, stderr };
  }
}

test('there are pages, and each says what it means, where to look, what to do and how to confirm it', () => {
  expect(PAGES.length).toBeGreaterThan(10);
  for (const page of PAGES) {
    const text = readRepositoryFile(page);
    expect([page, text]).toEqual([page, expect.stringMatching(/^# .+\n\n\*\*What it means\.\*\*/)]);
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect([page, headings]).toEqual([page, ['Look first', 'Do', 'Confirm']]);
    expect(text.split('\n').length).toBeLessThan(60);
  }
});

describe('an operator who pastes', () => {
  const commands = [...new Set(PAGES.flatMap(commandsOf))];

  test.each(commands)(
    '%s is understood and told something',
    async (command) => {
      const { exitCode, stdout, stderr } = await paste(command);
      expect([command, stderr, UNDERSTOOD.includes(exitCode)]).toEqual([command, stderr, true]);
      expect([command, stdout + stderr]).toEqual([command, expect.stringMatching(/\S/)]);
      expect(stderr).not.toMatch(/\n\s+at /);
    },
    60_000,
  );
});
