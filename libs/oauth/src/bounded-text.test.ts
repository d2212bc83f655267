import { expect, test } from '@jest/globals';
import { boundedText } from './index.ts';

test('text is read whole up to the bound, in any chunks', async () => {
  const bytes = Buffer.from('grüße 🔑');
  const body = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  expect(await boundedText(new Response(body), bytes.byteLength)).toEqual({
    outcome: 'read',
    text: 'grüße 🔑',
  });
  expect(await boundedText(new Response('x'.repeat(11)), 10)).toEqual({ outcome: 'too-large' });
});

test('nothing is an empty text', async () => {
  expect(await boundedText(new Response(null, { status: 204 }), 10)).toEqual({ outcome: 'read', text: '' });
});

test('an answer that announces 500 GB is refused before it is read', async () => {
  let pulled = 0;
  const body = new ReadableStream(
    {
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(1_000));
      },
    },
    { highWaterMark: 0 },
  );
  const response = new Response(body, { headers: { 'content-length': '500000000000' } });
  expect(await boundedText(response, 1_000_000)).toEqual({ outcome: 'too-large' });
  expect(pulled).toBe(0);
});

test('an answer without end is read no further than the bound', async () => {
  let pulled = 0;
  const body = new ReadableStream(
    {
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(1_000));
      },
    },
    { highWaterMark: 0 },
  );
  expect(await boundedText(new Response(body), 10_000)).toEqual({ outcome: 'too-large' });
  expect(pulled).toBe(11);
});
