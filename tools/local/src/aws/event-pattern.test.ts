import { describe, expect, test } from '@jest/globals';
import { compileEventPattern, EventPatternError } from './event-pattern.ts';

const matches = (pattern: unknown, event: unknown): boolean => compileEventPattern(pattern)(event);

/** The example event of the user guide's page on patterns. */
const INSTANCE_EVENT = {
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  account: '111122223333',
  time: '2017-12-22T18:43:48Z',
  region: 'us-west-1',
  resources: ['arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0'],
  detail: { 'instance-id': 'i-1234567890abcdef0', state: 'terminated' },
};

test('the pattern of the user guide selects its event', () => {
  const pattern = {
    source: ['aws.ec2'],
    'detail-type': ['EC2 Instance State-change Notification'],
    detail: { state: ['terminated'] },
  };
  expect(matches(pattern, INSTANCE_EVENT)).toBe(true);
  expect(matches({ ...pattern, region: ['us-east-1'] }, INSTANCE_EVENT)).toBe(false);
});

describe('each operator on one value', () => {
  const cases: readonly [
    name: string,
    item: unknown,
    hits: readonly unknown[],
    misses: readonly unknown[],
  ][] = [
    ['exact text', 'Alice', ['Alice'], ['alice', 'Alic', '', null, 1]],
    ['exact number, whatever its notation', 300, [300, 3.0e2], ['300', 301, null]],
    ['true', true, [true], [false, 'true', 1]],
    ['null', null, [null], ['', 'null', 0, false]],
    ['empty text', '', [''], [null, ' ']],
    ['prefix', { prefix: 'us-' }, ['us-east-1', 'us-'], ['eu-west-1', 'US-east-1', 5, null]],
    [
      'prefix ignoring case',
      { prefix: { 'equals-ignore-case': 'eventb' } },
      ['EventBridge', 'EVENTB'],
      ['bEvent', 3],
    ],
    ['suffix', { suffix: '.png' }, ['a.png', '.png'], ['a.PNG', 'png', 1]],
    [
      'suffix ignoring case',
      { suffix: { 'equals-ignore-case': 'tBridge' } },
      ['EventBridge', 'TBRIDGE'],
      ['bridge'],
    ],
    ['equals-ignore-case', { 'equals-ignore-case': 'alice' }, ['Alice', 'ALICE'], ['Alicia', null]],
    [
      'wildcard',
      { wildcard: 'dir/*.png' },
      ['dir/a.png', 'dir/.png', 'dir/a/b.png'],
      ['dir/a.jpg', 'x/dir/a.png', 1],
    ],
    ['wildcard over lines', { wildcard: 'a*z' }, ['a\nz'], ['a\n']],
    ['wildcard twice', { wildcard: '*/lib/*' }, ['src/lib/x', '/lib/'], ['src/libx/']],
    ['wildcard, escaped', { wildcard: 'a\\*b' }, ['a*b'], ['axb', 'a\\*b']],
    ['wildcard, escaped backslash', { wildcard: 'a\\\\*' }, ['a\\', 'a\\b'], ['ab']],
    ['wildcard with characters of expressions', { wildcard: '(a.b)[*' }, ['(a.b)[', '(a.b)[x'], ['(axb)[']],
    ['anything-but a text', { 'anything-but': 'initializing' }, ['running', '', null, 5], ['initializing']],
    [
      'anything-but texts',
      { 'anything-but': ['stopped', 'overloaded'] },
      ['running'],
      ['stopped', 'overloaded'],
    ],
    ['anything-but a number', { 'anything-but': 123 }, [124, '123'], [123]],
    ['anything-but numbers', { 'anything-but': [100, 200, 300] }, [150], [100, 200.0, 3e2]],
    ['anything-but a prefix', { 'anything-but': { prefix: 'init' } }, ['running', 7], ['initializing']],
    ['anything-but prefixes', { 'anything-but': { prefix: ['a', 'b'] } }, ['c'], ['ax', 'bx']],
    ['anything-but a suffix', { 'anything-but': { suffix: '.txt' } }, ['a.png'], ['a.txt']],
    [
      'anything-but suffixes',
      { 'anything-but': { suffix: ['.txt', '.rtf'] } },
      ['a.png'],
      ['a.txt', 'b.rtf'],
    ],
    ['anything-but a wildcard', { 'anything-but': { wildcard: '*/lib/*' } }, ['src/x'], ['src/lib/x']],
    [
      'anything-but wildcards',
      { 'anything-but': { wildcard: ['*/lib/*', '*/bin/*'] } },
      ['a/b'],
      ['a/lib/b', 'a/bin/b'],
    ],
    [
      'anything-but ignoring case',
      { 'anything-but': { 'equals-ignore-case': ['initializing', 'stopped'] } },
      ['running'],
      ['INITIALIZING', 'Stopped'],
    ],
    ['numeric equality', { numeric: ['=', 100] }, [100, 1e2], [99, '100', null]],
    ['numeric below', { numeric: ['<', 10] }, [9.99, -1], [10, 11]],
    ['numeric at most', { numeric: ['<=', 10] }, [10], [10.01]],
    ['numeric range', { numeric: ['>', 10, '<=', 20] }, [10.5, 20], [10, 20.1, '15']],
    ['numeric range, ends in', { numeric: ['>=', 0, '<', 1] }, [0, 0.5], [1, -0.1]],
    ['exists', { exists: true }, ['', 0, false, null, 'x'], []],
    ['cidr', { cidr: '10.0.0.0/24' }, ['10.0.0.0', '10.0.0.255'], ['10.0.1.0', '10.0.0', 'x', 10, '::1']],
    ['cidr of one', { cidr: '10.0.0.7/32' }, ['10.0.0.7'], ['10.0.0.8']],
    ['cidr of all', { cidr: '0.0.0.0/0' }, ['1.2.3.4'], ['2001:db8::1']],
    ['cidr, IPv6', { cidr: '2001:db8::/32' }, ['2001:db8::1'], ['2001:db9::1', '10.0.0.1']],
  ];
  test.each(cases)('%s', (_name, item, hits, misses) => {
    const pattern = compileEventPattern({ detail: { field: [item] } });
    for (const field of hits)
      expect({ field, matches: pattern({ detail: { field } }) }).toEqual({ field, matches: true });
    for (const field of misses)
      expect({ field, matches: pattern({ detail: { field } }) }).toEqual({ field, matches: false });
  });
});

describe('combinations', () => {
  test.each([
    ['fields are joined by and', { a: [1], b: [2] }, { a: 1, b: 2 }, { a: 1, b: 3 }],
    ['items of a list are joined by or', { a: [1, { prefix: 'x' }, null] }, { a: 'xyz' }, { a: 2 }],
    ['a missing field matches no value', { a: [{ 'anything-but': 'x' }] }, { a: 'y' }, { b: 'y' }],
    [
      'a list in the event matches by any of its elements',
      { a: ['x', 'y'] },
      { a: ['z', 'y'] },
      { a: ['z'] },
    ],
    [
      'a list in the event matches anything-but by any of its elements',
      { a: [{ 'anything-but': 'x' }] },
      { a: ['x', 'y'] },
      { a: ['x'] },
    ],
    ['a list within a list counts as its elements', { a: ['x'] }, { a: [['x']] }, { a: [['y']] }],
    ['an empty list holds no value', { a: [{ exists: true }] }, { a: [0] }, { a: [] }],
    ['an object is no value', { a: [{ exists: true }] }, { a: 0 }, { a: { b: 1 } }],
    ['nested objects are followed', { a: { b: { c: ['x'] } } }, { a: { b: { c: 'x' } } }, { a: { b: 'x' } }],
    ['a field with a dot is one field', { 'a.b': [1] }, { 'a.b': 1 }, { a: { b: 1 } }],
    ['inherited names are no fields', { constructor: [{ exists: true }] }, { constructor: 'x' }, {}],
  ])('%s', (_name, pattern, hit, miss) => {
    expect(matches(pattern, hit)).toBe(true);
    expect(matches(pattern, miss)).toBe(false);
  });

  test.each([
    [
      'absence of a field',
      { a: [{ exists: false }] },
      [{}, { b: 1 }, { a: [] }, { a: { c: 1 } }],
      [{ a: null }, { a: 1 }],
    ],
    [
      'absence below a missing object',
      { a: { b: [{ exists: false }] } },
      [{}, { a: {} }, { a: 1 }],
      [{ a: { b: 1 } }],
    ],
    ['absence or a value', { a: ['x', { exists: false }] }, [{ a: 'x' }, {}], [{ a: 'y' }]],
    [
      'absence in every object of a list',
      { a: { b: [{ exists: false }] } },
      [{ a: [{ c: 1 }] }],
      [{ a: [{ c: 1 }, { b: 1 }] }],
    ],
  ])('%s', (_name, pattern, hits, misses) => {
    for (const hit of hits) expect({ hit, matches: matches(pattern, hit) }).toEqual({ hit, matches: true });
    for (const miss of misses)
      expect({ miss, matches: matches(pattern, miss) }).toEqual({ miss, matches: false });
  });

  test('the fields of objects in a list must match within one of them', () => {
    const pattern = { violations: { code: ['A'], severity: ['high'] } };
    expect(matches(pattern, { violations: [{ code: 'A', severity: 'high' }] })).toBe(true);
    expect(
      matches(pattern, {
        violations: [
          { code: 'A', severity: 'low' },
          { code: 'B', severity: 'high' },
        ],
      }),
    ).toBe(false);
  });

  test('$or joins patterns over several fields', () => {
    const pattern = {
      source: ['aftercall'],
      $or: [{ detail: { count: [{ numeric: ['>', 0] }] } }, { detail: { kind: ['x'] } }],
    };
    expect(matches(pattern, { source: 'aftercall', detail: { count: 1 } })).toBe(true);
    expect(matches(pattern, { source: 'aftercall', detail: { kind: 'x' } })).toBe(true);
    expect(matches(pattern, { source: 'aftercall', detail: { count: 0 } })).toBe(false);
    expect(matches(pattern, { source: 'other', detail: { count: 1 } })).toBe(false);
  });

  test('$or may be nested', () => {
    const pattern = { detail: { $or: [{ a: [1] }, { $or: [{ b: [2] }, { c: [3], d: [4] }] }] } };
    expect(matches(pattern, { detail: { c: 3, d: 4 } })).toBe(true);
    expect(matches(pattern, { detail: { b: 2 } })).toBe(true);
    expect(matches(pattern, { detail: { c: 3 } })).toBe(false);
  });
});

describe('what EventBridge refuses is refused with its place', () => {
  test.each([
    [{}, 'empty object'],
    [[], 'object is wanted'],
    [{ a: 'x' }, '$.a'],
    [{ a: [] }, 'empty list'],
    [{ a: {} }, 'empty object'],
    [{ a: [['x']] }, 'list within a list'],
    [{ a: [{}] }, 'unknown operator'],
    [{ a: [{ startsWith: 'x' }] }, 'unknown operator startsWith'],
    [{ a: [{ toString: 'x' }] }, 'unknown operator toString'],
    [{ a: [{ prefix: 'x', suffix: 'y' }] }, 'one operator'],
    [{ a: [{ prefix: 5 }] }, '$.a.prefix'],
    [{ a: [{ prefix: { suffix: 'x' } }] }, 'equals-ignore-case'],
    [{ a: [{ exists: 'yes' }] }, 'true or false'],
    [{ a: [{ wildcard: 'a**b' }] }, 'consecutive'],
    [{ a: [{ wildcard: 'a\\b' }] }, 'backslash'],
    [{ a: [{ numeric: ['>', 1, '<'] }] }, 'numeric'],
    [{ a: [{ numeric: ['!=', 1] }] }, 'numeric'],
    [{ a: [{ numeric: ['>', '1'] }] }, 'numeric'],
    [{ a: [{ numeric: ['>', 20, '<', 10] }] }, 'range'],
    [{ a: [{ numeric: ['<', 5e9 + 1] }] }, 'number within'],
    [{ a: [{ cidr: '10.0.0.0' }] }, 'prefix length'],
    [{ a: [{ cidr: '10.0.0.0/33' }] }, 'prefix length'],
    [{ a: [{ cidr: '10.0.0/8' }] }, 'address'],
    [{ a: [{ 'anything-but': [] }] }, 'empty list'],
    [{ a: [{ 'anything-but': ['x', 1] }] }, 'not both'],
    [{ a: [{ 'anything-but': { numeric: ['>', 1] } }] }, 'anything-but'],
    [{ $or: [{ a: [1] }] }, 'at least two'],
    [{ $or: [{ a: [1] }, { b: 1 }] }, '$or[1].b'],
  ])('%j', (pattern, place) => {
    expect(() => compileEventPattern(pattern)).toThrow(EventPatternError);
    expect(() => compileEventPattern(pattern)).toThrow(place);
  });
});
