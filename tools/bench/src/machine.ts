import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { repository } from './repository.ts';

/** Packages that decide the numbers. */
const PACKAGES = ['@aws-sdk/client-sqs', '@aws-sdk/client-secrets-manager', 'esbuild'];

/** Where and with what a run was made: without it a number means nothing. */
export function describeRun(now: Date): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() || 'unknown CPU';
  const memory = `${(totalmem() / 1e9).toFixed(0)} GB`;
  const [load = 0] = loadavg();
  const versions = PACKAGES.map((name) => `${name} ${versionOf(name)}`).join(', ');
  return [
    `${now.toISOString().slice(0, 10)}: ${model}, ${processors.length} cores, ${memory}, ${process.platform} ${process.arch},`,
    `load average ${load.toFixed(1)} before the run; Node ${process.versions.node}, ${versions}.`,
  ].join(' ');
}

function versionOf(name: string): string {
  const text = readFileSync(join(repository, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
