import { describe, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../runtime/fixture-function.ts';
import { evaluate } from './evaluate.ts';
import { readStacks } from './read-stacks.ts';
import type { Arguments } from './read-stacks.ts';

type Stacks = Readonly<Record<string, object>>;

function written(stacks: Stacks): string {
  const directory = temporaryFolder();
  for (const [stack, json] of Object.entries(stacks)) {
    mkdirSync(join(directory, 'stacks', stack), { recursive: true });
    writeFileSync(join(directory, 'stacks', stack, 'cdk.tf.json'), JSON.stringify(json));
  }
  return directory;
}

/** Makes every block into its arguments and an arn; notes in which order. */
async function evaluated(stacks: Stacks) {
  const order: string[] = [];
  const args: Record<string, Arguments> = {};
  await evaluate(readStacks(written(stacks)), {
    lookupKey: (type) => (type === 'queue' ? 'name' : undefined),
    isPlayed: ({ type }) => type !== 'unplayed',
    create: async ({ name }, given) => {
      order.push(name);
      args[name] = given;
      return { ...given, arn: `arn:${name}`, size: 5 };
    },
  });
  return { order, args };
}

describe('references', () => {
  test('are made first and filled in, alone or inside a text', async () => {
    const { order, args } = await evaluated({
      one: {
        resource: {
          policy: { p: { json: '{"on":"${queue.q.arn}/*","again":"${queue.q.arn}"}', n: '${queue.q.size}' } },
          queue: { q: { name: 'q' } },
        },
      },
    });
    expect(order).toEqual(['q', 'p']);
    expect(args['p']).toEqual({ json: '{"on":"arn:q/*","again":"arn:q"}', n: 5 });
  });

  test('to and from what is not played here hold nothing up, and say so', async () => {
    const { args } = await evaluated({
      one: {
        resource: {
          unplayed: { u: { of: '${tolist(thing.x.list)[0].y}' } },
          queue: {
            q: { name: 'q', value: '${unplayed.u.arn} ${unplayed.u.address} ${unplayed.u.list[0].port}' },
          },
        },
      },
    });
    expect(args['u']).toEqual({ of: '${tolist(thing.x.list)[0].y}' });
    expect(args['q']).toMatchObject({
      value: 'arn:u not played here: unplayed.u.address not played here: unplayed.u.list[0].port',
    });
  });

  test('reach into lists and objects, and an escaped one stays', async () => {
    const { args } = await evaluated({
      one: {
        resource: {
          queue: { q: { name: 'q' } },
          x: { x: { list: [{ deep: '${queue.q.arn}' }], text: '$${kept}' } },
        },
      },
    });
    expect(args['x']).toEqual({ list: [{ deep: 'arn:q' }], text: '${kept}' });
  });

  test('to a data source find the resource of that name in whichever stack', async () => {
    const { order, args } = await evaluated({
      b: { resource: { queue: { mine: { name: 'shared' } } } },
      a: {
        data: { queue: { theirs: { name: 'shared' } } },
        resource: { x: { x: { arn_of: '${data.queue.theirs.arn}' } } },
      },
    });
    expect(order).toEqual(['mine', 'x']);
    expect(args['x']).toEqual({ arn_of: 'arn:mine' });
  });

  test('do not leave their stack, where the same name may be another block', async () => {
    const { args } = await evaluated({
      a: { resource: { queue: { q: { name: 'a' } }, x: { xa: { n: '${queue.q.name}' } } } },
      b: { resource: { queue: { q: { name: 'b' } }, x: { xb: { n: '${queue.q.name}' } } } },
    });
    expect([args['xa'], args['xb']]).toEqual([{ n: 'a' }, { n: 'b' }]);
  });

  test.each([
    ['to nothing', { x: { x: { n: '${queue.none.arn}' } } }, 'one/x.x refers to ${queue.none.arn}'],
    [
      'to an attribute that is not there',
      { queue: { q: { name: 'q' } }, x: { x: { n: '${queue.q.url}' } } },
      'has no url',
    ],
    ['of a form only Terraform evaluates', { x: { x: { n: '${upper("a")}' } } }, 'cannot evaluate'],
    ['in a circle', { x: { a: { n: '${x.b.arn}' }, b: { n: '${x.a.arn}' } } }, 'circle'],
  ])('%s are an error with their place', async (_name, resource, message) => {
    await expect(evaluated({ one: { resource } })).rejects.toThrow(message);
  });

  test('to what no stack makes name it', async () => {
    await expect(evaluated({ a: { data: { queue: { q: { name: 'nobody' } } } } })).rejects.toThrow(
      'no stack makes the queue "nobody"',
    );
  });
});

test('what only Terraform can do is refused, what is only about Terraform left out', async () => {
  await expect(evaluated({ one: { resource: { x: { x: { for_each: {} } } } } })).rejects.toThrow(
    'one/x.x uses for_each',
  );
  const { args } = await evaluated({
    one: { resource: { x: { x: { '//': {}, depends_on: ['x.y'], lifecycle: {}, n: null, m: 1 } } } },
  });
  expect(args['x']).toEqual({ m: 1 });
  expect(() => readStacks(temporaryFolder())).toThrow('no synthesised stack');
});
