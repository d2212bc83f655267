import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { repeatedFields } from './repeated-fields.ts';

test.each([
  ['{"a":1,"a":2}', ['a']],
  ['{"a":{"b":1,"b":2},"c":[{"d":1},{"d":2,"d":3}]}', ['b', 'd']],
  [String.raw`{"a":1,"\u0061":2}`, ['a']],
  ['{"a" : 1,\n"a"\t:2}', ['a']],
])('a name twice in one object is found: %s', (json, names) => {
  expect(repeatedFields(json)).toEqual(names);
});

test.each([
  ['{"a":{"a":[{"a":1},{"a":2}]}}'],
  [String.raw`{"a":"{\"b\":1,\"b\":2}","b":"a","c":"a"}`],
  ['["a","a",":","a:","a"]'],
  ['"a"'],
])('the same text elsewhere is no repetition: %s', (json) => {
  expect(repeatedFields(json)).toEqual([]);
});

test('JSON that a serialiser wrote never repeats a name', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (json) => {
      expect(repeatedFields(JSON.stringify(JSON.parse(json)))).toEqual([]);
    }),
  );
});
