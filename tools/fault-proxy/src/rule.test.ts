import { describe, expect, test } from '@jest/globals';

import { createRules } from './rule.ts';
import type { Rule } from './rule.ts';

const put = { service: 'dynamodb', operation: 'PutItem' } as const;
const get = { service: 'dynamodb', operation: 'GetItem' } as const;

const kinds = (rules: readonly Rule[], calls: readonly (typeof put | typeof get)[]) => {
  const set = createRules();
  for (const rule of rules) set.add(rule);
  return calls.map((call) => set.faultOf(call)?.kind ?? '-');
};

describe('rules', () => {
  test('without a rule nothing breaks', () => {
    expect(kinds([], [put, get])).toEqual(['-', '-']);
  });

  test('a rule without an ordinal breaks every call of its operation and no other', () => {
    expect(kinds([{ kind: 'throttle', operation: 'PutItem' }], [put, get, put])).toEqual([
      'throttle',
      '-',
      'throttle',
    ]);
  });

  test('an ordinal counts the calls of its operation from the moment it was given', () => {
    expect(kinds([{ kind: 'timeout', operation: 'PutItem', nth: 2 }], [put, get, put, put])).toEqual([
      '-',
      '-',
      'timeout',
      '-',
    ]);
  });

  test('a rule without an operation counts every call', () => {
    expect(kinds([{ kind: 'unavailable', nth: 2 }], [put, get, put])).toEqual(['-', 'unavailable', '-']);
  });

  test('the rule given first wins, and the other has counted the call all the same', () => {
    const rules: Rule[] = [
      { kind: 'crash-before', nth: 1 },
      { kind: 'crash-after', nth: 2 },
    ];
    expect(kinds(rules, [put, put, put])).toEqual(['crash-before', 'crash-after', '-']);
  });

  test('a rule can be taken away', () => {
    const set = createRules();
    const remove = set.add({ kind: 'throttle' });
    remove();
    expect(set.faultOf(put)).toBeUndefined();
  });

  test('a rule that could never act is refused', () => {
    expect(() => createRules().add({ kind: 'throttle', nth: 0 })).toThrow('counts from 1');
    expect(() => createRules().add({ kind: 'partial', operation: 'PutItem', entries: [0] })).toThrow(
      'no batch',
    );
  });
});
