import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, messageOf, usage } from './cli-error.ts';
import type { CliError, ExitCode } from './cli-error.ts';
import type { CommandContext } from './context.ts';
import { lakeBucket } from './lake-bucket.ts';
import { parseSelection } from './lake-selection.ts';
import type { LakeOptions } from './lake-selection.ts';
import { openEmptyLake, openLake } from './open-lake.ts';
import type { LoadedLake } from './open-lake.ts';
import { noteEmptiness, noteLoading, noteUnreadable } from './lake-notes.ts';
import { counted, visibleLines } from './readable.ts';
import { readableRows } from './readable-rows.ts';
import { listLake } from './s3-lake.ts';
import { resultColumn, sqlValueConverter } from './sql-values.ts';
import { inTemporaryFolder } from './temporary-folder.ts';

/** More are for programs, not for people. */
const MAX_SHOWN_ROWS = 1_000;

/**
 * Answers one SELECT over the lake's files (or those of a source and a stretch of time) with DuckDB. The query sees the
 * tables `outcomes` and `outcomes_latest`, and neither files nor network. Exit code 3 when a file could not be read.
 *
 * @throws CliError with exit code 2 for SQL that is wrong
 */
export async function queryLake(
  sql: string,
  options: LakeOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const selection = parseSelection(options, context.now());
  await checkQuery(sql);
  const access = await context.connect();
  try {
    const bucket = lakeBucket(access);
    const listing = await listLake(bucket, selection);
    if (listing.files.length === 0) noteEmptiness(selection, listing, context);
    noteLoading(listing.files, context);
    return await inTemporaryFolder(context, async (folder) => {
      const lake = await openLake({ bucket, files: listing.files, rows: selection, folder });
      try {
        await answer(sql, lake, folder, context);
      } finally {
        lake.close();
      }
      noteUnreadable(lake.unreadable, context);
      return lake.unreadable.length === 0 ? 0 : 3;
    });
  } finally {
    access.close();
  }
}

/** Finds a wrong query before anything is downloaded. */
async function checkQuery(sql: string): Promise<void> {
  const { connection, close } = await openEmptyLake();
  try {
    await prepared(sql, connection);
  } finally {
    close();
  }
}

/** @throws CliError when it is wrong, or is not one statement that only reads */
async function prepared(sql: string, connection: DuckDBConnection): Promise<DuckDBPreparedStatement> {
  const { StatementType } = await import('@duckdb/node-api');
  const statements = await connection.extractStatements(sql).catch((error: unknown) => {
    throw wrongSql(error);
  });
  if (statements.count !== 1)
    throw usage(`one statement is wanted, not ${statements.count}`, 'give one SELECT');
  const statement = await statements.prepare(0).catch((error: unknown) => {
    throw wrongSql(error);
  });
  const { statementType, parameterCount } = statement;
  // Nothing else could do harm either, but some would print past us and none would do what it says.
  if (statementType !== StatementType.SELECT && statementType !== StatementType.EXPLAIN)
    throw usage(
      `${StatementType[statementType]} is nothing to ask the lake: it is only read`,
      'give one SELECT',
    );
  if (parameterCount > 0) throw usage('the query has parameters, and nothing gives them values');
  return statement;
}

const HINT = 'the tables are outcomes and outcomes_latest: `npx aftercall lake query "describe outcomes"`';
const OWN_FAULT = /^(Out of Memory|IO|Internal|FATAL|Fatal|INTERNAL)\b/;
const CLOSED = /^Permission Error/;
const EMPTY = 'Error in native callback';

function wrongSql(error: unknown): CliError {
  const message = visibleLines(messageOf(error));
  const said = message.replace(/^Failed to extract statements: /, '').trim();
  if (said === EMPTY) return usage('there is no statement in the query', 'give one SELECT');
  if (CLOSED.test(said)) return usage(`${said}\na query sees the lake and nothing else`, HINT);
  return OWN_FAULT.test(said)
    ? failure(said, 'ask for less of the lake: --source, --since, --until')
    : usage(said, HINT);
}

async function answer(sql: string, { connection }: LoadedLake, folder: string, context: CommandContext) {
  const statement = await prepared(sql, connection);
  if (context.options.json) await writeJson(statement, join(folder, 'answer.json'), context);
  else await writeForPeople(statement, context);
}

async function rowsOf(statement: DuckDBPreparedStatement) {
  const duckdb = await import('@duckdb/node-api');
  const result = await statement.stream().catch((error: unknown) => {
    throw wrongSql(error);
  });
  const names = result.deduplicatedColumnNames();
  const columns = result.columnTypes().map((type, index) => resultColumn(names[index] ?? '', type));
  return { columns, chunks: untilWrong(result.yieldConvertedRows(sqlValueConverter(duckdb))) };
}

/** What goes wrong in fetching rows is the query's; what its reader does with them is not. */
async function* untilWrong<T>(chunks: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* chunks;
  } catch (error) {
    throw wrongSql(error);
  }
}

/** By way of a file: a query that fails in the middle must not leave half a document, and its answer may be large. */
async function writeJson(statement: DuckDBPreparedStatement, path: string, { streamOut }: CommandContext) {
  const { columns, chunks } = await rowsOf(statement);
  const file = await open(path, 'w', 0o600);
  try {
    let lead = '[\n';
    for await (const rows of chunks) {
      if (rows.length === 0) continue;
      const documents = rows.map((row) =>
        JSON.stringify(Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null]))),
      );
      await file.appendFile(`${lead}${documents.join(',\n')}`);
      lead = ',\n';
    }
    await file.appendFile(lead === '[\n' ? '[]\n' : '\n]\n');
  } finally {
    await file.close();
  }
  await streamOut(createReadStream(path, 'utf8'));
}

async function writeForPeople(statement: DuckDBPreparedStatement, { writeOut, colors }: CommandContext) {
  const { columns, chunks } = await rowsOf(statement);
  const shown: (readonly unknown[])[] = [];
  for await (const rows of chunks) {
    shown.push(...rows);
    if (shown.length > MAX_SHOWN_ROWS) break;
  }
  const text = readableRows(columns, shown.slice(0, MAX_SHOWN_ROWS), colors);
  const more = shown.length > MAX_SHOWN_ROWS ? 'only the first of more rows: --json prints them all' : '';
  const count = counted(Math.min(shown.length, MAX_SHOWN_ROWS), 'row');
  writeOut(`${text}\n${colors.dim([count, more].filter(Boolean).join(', '))}\n`);
}
