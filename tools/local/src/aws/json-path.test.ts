import { expect, test } from '@jest/globals';
import { compileJsonPath, JsonPathError } from './json-path.ts';

const event = { id: 'e', detail: { id: 'f', list: [{ a: 1 }], 'a b': null, 'x-y': true } };

test.each([
  ['$', event],
  ['$.id', 'e'],
  ['$.detail.id', 'f'],
  ['$.detail.list[0].a', 1],
  ["$.detail['a b']", null],
  ["$['detail'].x-y", true],
  ['$.detail.nothing.more', undefined],
  ['$.detail.list[1]', undefined],
  ['$.detail.toString', undefined],
])('%s', (path, value) => {
  expect(compileJsonPath(path)(event)).toEqual(value);
});

test.each(['', 'detail.id', '$.', '$..id', '$.detail.*', '$.list[*]', '$.a[?(@.b)]', '$.a b', '$x'])(
  '%j is refused',
  (path) => {
    expect(() => compileJsonPath(path)).toThrow(JsonPathError);
  },
);
