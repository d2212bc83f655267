// Encodes the rows of a full file, writes the file where the first argument says, and prints what that took.
import { writeFileSync } from 'node:fs';
import { encodeOutcomes } from '@aftercall/lake';
import { FILE_ROWS } from './lake-files.ts';
import { lakeRows } from './lake-rows.ts';

const rows = lakeRows(FILE_ROWS);
encodeOutcomes(rows);
const before = process.cpuUsage();
const bytes = encodeOutcomes(rows);
const { user, system } = process.cpuUsage(before);
writeFileSync(process.argv[2] ?? '', bytes);
process.stdout.write(JSON.stringify({ cpuMillis: (user + system) / 1000 }));
