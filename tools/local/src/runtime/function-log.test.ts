import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { temporaryFolder } from './fixture-function.ts';
import { createFunctionLog } from './function-log.ts';

test('lines are whole and JSON in the file, readable on the terminal, and metrics are for the file and for alarms', async () => {
  const directory = temporaryFolder();
  const printed: string[] = [];
  const measured: object[] = [];
  const log = createFunctionLog({
    directory,
    app: 'ingest',
    now: () => new Date('2026-11-22T01:25:00.000Z'),
    print: (line) => printed.push(stripVTControlCharacters(line)),
    measure: (record) => void measured.push(record),
  });
  const write = log.writer();
  const other = log.writer();
  write('{"level":30,"time":1795310700000,"fun');
  other('plain text\n');
  write(
    'ction":"ingest","msg":"delivery","events":2,"source":"main"}\n{"_aws":{},"Accepted":1}\n{"level":"warn","msg":"odd"}\n{broken\n\n',
  );
  await log.close();
  const lines = readFileSync(join(directory, 'ingest.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines).toEqual([
    { time: Date.parse('2026-11-22T01:25:00.000Z'), function: 'ingest', msg: 'plain text' },
    { level: 30, time: 1795310700000, function: 'ingest', msg: 'delivery', events: 2, source: 'main' },
    { _aws: {}, Accepted: 1 },
    { level: 'warn', msg: 'odd' },
    { time: Date.parse('2026-11-22T01:25:00.000Z'), function: 'ingest', msg: '{broken' },
  ]);
  expect(measured).toEqual([{ _aws: {}, Accepted: 1 }]);
  expect(printed.map((line) => line.slice(9))).toEqual([
    'ingest          plain text',
    'ingest    info  delivery events=2 source=main',
    'ingest    warn  odd',
    'ingest          {broken',
  ]);
});
