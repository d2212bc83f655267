// Merges a batch into a full file, as a function that has just started does, and prints what that took.
import { readFileSync } from 'node:fs';
import { mergeOutcomes } from '@aftercall/lake';
import type { OutcomeRow } from '@aftercall/schemas';

const [, , file = '', batch = ''] = process.argv;
const existing = readFileSync(file);
const rows = JSON.parse(readFileSync(batch, 'utf8')) as OutcomeRow[];

async function timedMerge() {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  const { rowCount } = await mergeOutcomes(existing, rows);
  const { user, system } = process.cpuUsage(before);
  return { rowCount, millis: performance.now() - startedAt, cpuMillis: (user + system) / 1000 };
}

const first = await timedMerge();
const [, peakKilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
const warm = await timedMerge();
process.stdout.write(JSON.stringify({ first, warm, peakMegabytes: (Number(peakKilobytes) * 1024) / 1e6 }));
