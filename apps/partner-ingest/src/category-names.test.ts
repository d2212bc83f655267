import { expect, test } from '@jest/globals';
import { createCategoryNames } from './category-names.ts';

/** Names remembered of a Genesys Cloud in memory, the clock in the test's hand. */
function memoryNames() {
  const clock = { now: new Date('2026-11-20T14:05:10.000Z') };
  const names = new Map([
    ['c1', 'Payment'],
    ['c2', 'Conduct'],
  ]);
  const asked: string[][] = [];
  const faults = { outage: undefined as Error | undefined, pause: Promise.resolve() };
  const categoryNames = createCategoryNames({
    orgs: new Set(['main']),
    lookUp: async (org, ids) => {
      asked.push([org, ...ids]);
      await faults.pause;
      if (faults.outage) throw faults.outage;
      return new Map([...names].filter(([id]) => ids.includes(id)));
    },
    now: () => clock.now,
  });
  const ask = (...ids: readonly string[]) => categoryNames('main', ids, () => 10_000);
  const later = (seconds: number) => void (clock.now = new Date(clock.now.getTime() + seconds * 1000));
  return { ask, asked, names, faults, later, categoryNames };
}

test('a name is asked for once, and stands where its id stood', async () => {
  const { ask, asked } = memoryNames();
  expect(await ask('c2', 'c1')).toEqual(['Conduct', 'Payment']);
  expect(await ask('c1')).toEqual(['Payment']);
  expect(asked).toEqual([['main', 'c2', 'c1']]);
});

test('events that come together ask for each name once', async () => {
  const { ask, asked } = memoryNames();
  expect(await Promise.all([ask('c1'), ask('c1', 'c2'), ask('c2')])).toEqual([
    ['Payment'],
    ['Payment', 'Conduct'],
    ['Conduct'],
  ]);
  expect(asked).toEqual([
    ['main', 'c1'],
    ['main', 'c2'],
  ]);
});

test('a name is asked for again after an hour', async () => {
  const { ask, asked, names, later } = memoryNames();
  await ask('c1');
  names.set('c1', 'Card data');
  later(3_599);
  expect(await ask('c1')).toEqual(['Payment']);
  later(1);
  expect(await ask('c1')).toEqual(['Card data']);
  expect(asked).toHaveLength(2);
});

test('a category that nobody knows goes by its id, and is asked for again after five minutes', async () => {
  const { ask, asked, names, later } = memoryNames();
  expect(await ask('c1', 'gone')).toEqual(['Payment', 'gone']);
  names.set('gone', 'Found');
  later(299);
  expect(await ask('c1', 'gone')).toEqual(['Payment', 'gone']);
  later(1);
  expect(await ask('c1', 'gone')).toEqual(['Payment', 'Found']);
  expect(asked).toEqual([
    ['main', 'c1', 'gone'],
    ['main', 'gone'],
  ]);
});

test('an outage is remembered by nobody, and told to everybody who waits', async () => {
  const { ask, faults } = memoryNames();
  const outage = new Error('Genesys Cloud is down');
  faults.outage = outage;
  const results = await Promise.allSettled([ask('c1'), ask('c1', 'c2')]);
  expect(results).toEqual(results.map(() => ({ status: 'rejected', reason: outage })));
  faults.outage = undefined;
  expect(await ask('c1', 'c2')).toEqual(['Payment', 'Conduct']);
});

test('of an organisation that is not configured, ids are all there is, and nobody is asked', async () => {
  const { categoryNames, asked } = memoryNames();
  expect(await categoryNames('acme', ['c1'], () => 0)).toEqual(['c1']);
  expect(asked).toEqual([]);
});
