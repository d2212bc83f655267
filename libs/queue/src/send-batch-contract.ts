import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MAX_BATCH_BYTES, entryBytes, type BatchEntry, type SendBatch } from './queue-entry.ts';

/** A message as it came off the queue. */
export interface ReceivedMessage {
  readonly body: string;
  readonly groupId: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
}

/** An implementation of `SendBatch` on an empty FIFO queue without content-based deduplication. */
export interface SendBatchSubject {
  readonly sendBatch: SendBatch;
  /** Takes every message off the queue, in order. */
  readonly drain: () => Promise<readonly ReceivedMessage[]>;
  readonly close: () => Promise<void>;
}

let ids = 0;

function entry(body: string, changes: Partial<BatchEntry> = {}): BatchEntry {
  ids += 1;
  return {
    entryId: `entry-${ids}`,
    body,
    groupId: 'main#conv-1',
    deduplicationId: `dedup-${ids}`,
    attributes: { seal: 'v1:k1:c2VhbA==' },
    ...changes,
  };
}

/** Two entries of three-byte characters that fill a call to the last byte. */
function fullBatch(): readonly [BatchEntry, BatchEntry] {
  const first = entry('€'.repeat(200_000));
  const rest = MAX_BATCH_BYTES - entryBytes(first) - entryBytes(entry(''));
  return [first, entry('x'.repeat(rest))];
}

/** What every `SendBatch` must do, whatever it speaks SQS with. */
export function sendBatchContract(title: string, open: () => Promise<SendBatchSubject>): void {
  let subject: SendBatchSubject;

  const bodies = async () => (await subject.drain()).map(({ body }) => body);

  describe(title, () => {
    beforeAll(async () => {
      subject = await open();
    });
    beforeEach(() => subject.drain());
    afterAll(() => subject.close());

    test('puts body, group and attributes on the queue as they are', async () => {
      const body = '{"text":"Grüße ☎ <&> \\"quoted\\" \\\\ a+b=c%20\\n"}\r\n\t';
      const attributes = { seal: 'v1:k1:ab+/cd==', traceparent: '00-é€-01' };
      await expect(subject.sendBatch([entry(body, { groupId: 'main#conv-9', attributes })])).resolves.toEqual(
        [],
      );
      await expect(subject.drain()).resolves.toEqual([{ body, groupId: 'main#conv-9', attributes }]);
    });

    test('sends an entry without attributes', async () => {
      await expect(subject.sendBatch([entry('plain', { attributes: {} })])).resolves.toEqual([]);
      await expect(subject.drain()).resolves.toMatchObject([{ body: 'plain', attributes: {} }]);
    });

    test('keeps the order of ten entries of one group', async () => {
      const expected = Array.from({ length: 10 }, (_, index) => `event ${index}`);
      await expect(subject.sendBatch(expected.map((body) => entry(body)))).resolves.toEqual([]);
      await expect(bodies()).resolves.toEqual(expected);
    });

    test('counts an entry that the queue has already taken as sent, and holds it once', async () => {
      const repeated = entry('once');
      await subject.sendBatch([repeated]);
      await expect(subject.sendBatch([repeated])).resolves.toEqual([]);
      await expect(bodies()).resolves.toEqual(['once']);
    });

    test.each([
      ['with a character that SQS refuses', { body: 'nul \u0000' }, 'InvalidMessageContents'],
      ['without a group', { groupId: '' }, 'MissingParameter'],
      ['without a deduplication id', { deduplicationId: '' }, 'InvalidParameterValue'],
    ])('names an entry %s and sends the others', async (_case, changes, code) => {
      const bad = entry('bad', changes);
      const failed = await subject.sendBatch([
        entry('before'),
        bad,
        entry('after', { groupId: 'main#conv-2' }),
      ]);
      expect(failed).toEqual([{ entryId: bad.entryId, code }]);
      expect((await bodies()).sort()).toEqual(['after', 'before']);
    });

    test('fills a call to the last byte that SQS allows', async () => {
      const batch = fullBatch();
      await expect(subject.sendBatch(batch)).resolves.toEqual([]);
      await expect(bodies()).resolves.toEqual(batch.map(({ body }) => body));
    });

    test('throws when the call is one byte too long, and sends nothing', async () => {
      const [first, second] = fullBatch();
      const sending = subject.sendBatch([first, { ...second, body: `${second.body}x` }]);
      await expect(sending).rejects.toThrow(
        expect.objectContaining({ name: expect.stringContaining('BatchRequestTooLong') }),
      );
      await expect(bodies()).resolves.toEqual([]);
    });

    test.each([
      ['holds no entry', 0],
      ['holds more than ten', 11],
    ])('throws when the call %s', async (_case, length) => {
      const sending = subject.sendBatch(Array.from({ length }, (_, index) => entry(`event ${index}`)));
      await expect(sending).rejects.toThrow();
      await expect(bodies()).resolves.toEqual([]);
    });

    test('throws when the signal has fired, and sends nothing', async () => {
      await expect(subject.sendBatch([entry('late')], AbortSignal.abort())).rejects.toThrow(
        expect.objectContaining({ name: 'AbortError' }),
      );
      await expect(bodies()).resolves.toEqual([]);
    });
  });
}
