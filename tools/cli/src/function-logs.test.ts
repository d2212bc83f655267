import { expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorsLately, logLinesAbout } from './function-logs.ts';

const directory = mkdtempSync(join(tmpdir(), 'aftercall-cli-'));
mkdirSync(join(directory, '.aftercall', 'logs'), { recursive: true });
const lines = (name: string, ...records: (object | string)[]) =>
  writeFileSync(
    join(directory, '.aftercall', 'logs', `${name}.ndjson`),
    records.map((record) => (typeof record === 'string' ? record : JSON.stringify(record))).join('\n'),
  );
const at = (minute: number) => `2026-11-20T14:0${minute}:00.000Z`;
lines(
  'ingest',
  { time: at(2), level: 'info', deliveryId: 'd1', msg: 'delivery' },
  { time: at(2), _aws: {}, Source: 'd1' },
  '{"time":"2026-11-20T14:03:00.000Z","deliveryId":"d1","half',
);
lines(
  'processor',
  { time: at(1), level: 'error', msg: 'old' },
  { time: at(3), level: 'info', deliveryId: 'd1' },
  { time: at(9), level: 50, msg: 'bad environment' },
);

test('lines about a text come from every function in order, without metrics and half lines', async () => {
  expect((await logLinesAbout('d1', directory)).map(({ time }) => time)).toEqual([at(2), at(3)]);
  expect(await logLinesAbout('d1', join(directory, 'nowhere'))).toEqual([]);
});

test('errors are those of the last ten minutes, whatever they are about', async () => {
  const now = new Date('2026-11-20T14:12:00.000Z');
  expect((await errorsLately(directory, now)).map(({ msg }) => msg)).toEqual(['bad environment']);
});
