import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stack } from '@aftercall/local';

/** An event that had its effect. */
export interface ProcessedEvent {
  readonly eventId: string;
  readonly conversationId: string;
  /** When its ledger record was complete, in milliseconds of the epoch. */
  readonly at: number;
}

/**
 * What the processor's log says it processed, in the order in which it did. The log is written anyway, so reading it
 * afterwards adds nothing to what is measured; its times are milliseconds, the ledger's `completedAt` seconds.
 */
export async function processedEvents({ logsDirectory }: Stack): Promise<readonly ProcessedEvent[]> {
  const text = await readFile(join(logsDirectory, 'processor.ndjson'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.includes('"result":"processed"'))
    .map((line) => JSON.parse(line) as Omit<ProcessedEvent, 'at'> & { readonly time: string })
    .map(({ eventId, conversationId, time }) => ({ eventId, conversationId, at: Date.parse(time) }))
    .toSorted((one, other) => one.at - other.at);
}
