import { expect, test } from '@jest/globals';
import { validateOutcomeRow } from '@aftercall/schemas';
import { OUTCOME_COLUMNS } from './outcome-columns.ts';
import { fullRow } from './sample-rows.ts';

test('every field of a row has its column, in the same order', () => {
  expect(OUTCOME_COLUMNS.map(({ name }) => name)).toEqual(Object.keys(fullRow()));
});

test.each(OUTCOME_COLUMNS)(
  'column $name may be null where the field may, and only there',
  ({ name, nullable }) => {
    expect(validateOutcomeRow({ ...fullRow(), [name]: null })).toBe(nullable);
  },
);

const SAMPLES = {
  string: 'text',
  double: 0.5,
  int32: 1,
  timestamp: '2026-11-20T14:03:27.418Z',
  boolean: true,
  'list<string>': ['text'],
} as const;

test.each(OUTCOME_COLUMNS.filter(({ name }) => name !== 'max_severity'))(
  'column $name has the type of its field',
  ({ name, type }) => {
    const fitting = Object.entries(SAMPLES).filter(([, value]) =>
      validateOutcomeRow({ ...fullRow(), [name]: value }),
    );
    expect(fitting.map(([fits]) => fits)).toContain(type);
  },
);
