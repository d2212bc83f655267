import { expect, test } from '@jest/globals';
import { createUnwinding } from './unwinding.ts';

test('steps are undone last first, once, and one that fails holds up no other', async () => {
  const reports: string[] = [];
  const undone: string[] = [];
  const unwinding = createUnwinding({ report: (line) => reports.push(line) });
  unwinding.add(() => undone.push('first'));
  unwinding.add(() => Promise.reject(new Error('stuck')));
  unwinding.add(() => undone.push('last'));
  await Promise.all([unwinding.run(), unwinding.run()]);
  await unwinding.run();
  expect(undone).toEqual(['last', 'first']);
  expect(reports).toEqual(['while stopping: Error: stuck']);
});

test('when one of several starts fails, those that did start are stopped all the same', async () => {
  const closed: string[] = [];
  const unwinding = createUnwinding({ report: () => undefined });
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { close: async () => void closed.push('slow') };
  };
  await expect(unwinding.startAll([() => Promise.reject(new Error('no port')), slow])).rejects.toThrow(
    'no port',
  );
  await unwinding.run();
  expect(closed).toEqual(['slow']);
});
