import * as duckdb from '@duckdb/node-api';
import { expect, test } from '@jest/globals';
import { resultColumn, sqlValueConverter } from './sql-values.ts';

async function valueOf(sql: string) {
  const instance = await duckdb.DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    const result = await connection.run(`SELECT ${sql}`);
    const type = result.columnType(0);
    const [row = []] = await result.convertRows(sqlValueConverter(duckdb));
    return { value: row[0], isNumber: resultColumn('x', type).isNumber };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

test.each<[string, unknown]>([
  ['count(*) FROM range(3)', 3],
  ['sum(range) FROM range(3)', 3],
  ['9007199254740991::BIGINT', 9_007_199_254_740_991],
  ['9007199254740993::BIGINT', '9007199254740993'],
  ['-170141183460469231731687303715884105727::HUGEINT', '-170141183460469231731687303715884105727'],
  ['0.25', 0.25],
  ['1234567890123456.75::DECIMAL(18, 2)', '1234567890123456.75'],
  ['-0.62::DOUBLE', -0.62],
  ["'nan'::DOUBLE", 'NaN'],
])('%s is the number %j', async (sql, value) => {
  expect(await valueOf(sql)).toEqual({ value, isNumber: true });
});

test.each<[string, unknown]>([
  ["TIMESTAMP '2026-11-20 14:03:27.418'", '2026-11-20T14:03:27.418Z'],
  ["TIMESTAMP '2026-11-20 14:03:27'", '2026-11-20T14:03:27.000Z'],
  ["TIMESTAMP '2026-11-20 14:03:27.418001'", '2026-11-20T14:03:27.418001Z'],
  ["TIMESTAMPTZ '2026-11-20 16:03:27.4+02:00'", '2026-11-20T14:03:27.400Z'],
  ["TIMESTAMP 'infinity'", 'infinity'],
  ["DATE '2026-11-16'", '2026-11-16'],
  ["['überweisen', NULL]", ['überweisen', null]],
  ["[TIMESTAMP '2026-11-20 14:03:27', NULL]", ['2026-11-20T14:03:27.000Z', null]],
  ["{'n': 2::BIGINT, 'at': DATE '2026-11-16'}", { n: 2, at: '2026-11-16' }],
  ['NULL', null],
  ['true', true],
])('%s is %j', async (sql, value) => {
  expect(await valueOf(sql)).toMatchObject({ value });
});
