import type { SQSRecord } from 'aws-lambda';

/**
 * Which messages a function's answer leaves on the queue, by Lambda's rules: no list and an empty one
 * mean none; an answer that is not understood, or that names an unknown message, means all.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 */
export function failedMessageIds(payload: string, sent: readonly string[]): ReadonlySet<string> {
  const all = new Set(sent);
  const answer = JSON.parse(payload) as unknown;
  if (answer === null) return new Set();
  if (typeof answer !== 'object' || Array.isArray(answer)) return all;
  if (Object.keys(answer).length === 0) return new Set();
  if (!('batchItemFailures' in answer)) return all;
  const { batchItemFailures: failures } = answer;
  if (failures === null) return new Set();
  if (!Array.isArray(failures)) return all;
  const ids = failures.map(
    (failure: unknown) => (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier,
  );
  return ids.every((id) => typeof id === 'string' && all.has(id)) ? new Set(ids as string[]) : all;
}

/** Cuts a batch, order kept, so that each part fits into one invocation. */
export function partsWithin(
  records: readonly SQSRecord[],
  maxBytes: number,
): readonly (readonly SQSRecord[])[] {
  const parts: SQSRecord[][] = [];
  let bytes = Infinity;
  for (const record of records) {
    const size = Buffer.byteLength(JSON.stringify(record)) + 1;
    if (bytes + size > maxBytes) {
      parts.push([]);
      bytes = ENVELOPE_BYTES;
    }
    parts.at(-1)?.push(record);
    bytes += size;
  }
  return parts;
}

/** `{"Records":[]}` and some. */
const ENVELOPE_BYTES = 32;
