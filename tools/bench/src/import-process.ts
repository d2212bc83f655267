// Imports one bundle in a process of its own and prints what that took, to the end of its top-level code.
import { pathToFileURL } from 'node:url';

const url = pathToFileURL(process.argv[2] ?? '').href;
const startedAt = performance.now();
await import(url);
const importMillis = performance.now() - startedAt;
const { user, system } = process.cpuUsage();
process.stdout.write(JSON.stringify({ importMillis, processCpuMillis: (user + system) / 1000 }));
