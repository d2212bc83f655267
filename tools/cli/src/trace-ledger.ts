import { ledgerKey } from '@aftercall/idempotency';
import { GetCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { shortTime } from './readable.ts';
import type { StageAccess } from './stage-access.ts';
import { isAbout } from './trace-reference.ts';
import type { Reference } from './trace-reference.ts';

/** Who has a ledger of its own. */
const CONSUMERS = ['processor'];

/** One consumer's progress with one event. */
export interface LedgerRow {
  readonly consumer: string;
  readonly org: string;
  readonly eventId: string;
  readonly status: string;
  readonly attempts: number;
  readonly digest: string;
  /** When somebody works on it, or did until their lease ran out. */
  readonly leaseUntil?: string;
  readonly claimedAt?: string;
  readonly completedAt?: string;
  readonly expiresAt?: string;
}

/** The rows of a whole event id: one read a consumer. */
export async function ledgerRowsOf(
  { clients, resources }: StageAccess,
  { org, eventId }: { readonly org: string; readonly eventId: string },
): Promise<readonly LedgerRow[]> {
  const items = await Promise.all(
    CONSUMERS.map(async (consumer) => {
      const Key = { pk: ledgerKey({ consumer, org, eventId }) };
      const answer = await clients.documents.send(
        new GetCommand({ TableName: resources.ledgerTable, Key, ConsistentRead: true }),
      );
      return answer.Item;
    }),
  );
  return items.flatMap((item) => (item === undefined ? [] : [rowOf(item)]));
}

/** The rows of whatever was asked for, by reading the whole table: for a local stack only. */
export async function scanLedger(
  { clients, resources }: StageAccess,
  reference: Reference,
  eventIds: ReadonlySet<string>,
): Promise<readonly LedgerRow[]> {
  const rows: LedgerRow[] = [];
  const pages = paginateScan(
    { client: clients.documents },
    { TableName: resources.ledgerTable, ConsistentRead: true },
  );
  for await (const { Items = [] } of pages) {
    const found = Items.map(rowOf).filter(
      (row) =>
        isAbout(reference, row) ||
        (eventIds.has(row.eventId) && isAbout({ ...reference, text: row.eventId }, row)),
    );
    rows.push(...found);
  }
  return rows;
}

function rowOf(item: Readonly<Record<string, unknown>>): LedgerRow {
  const [consumer = '', org = '', ...rest] = String(item['pk']).split('#');
  const time = (name: string, attribute = name) => {
    const epochSeconds = Number(item[attribute] ?? 0);
    return epochSeconds > 0 ? { [name]: new Date(epochSeconds * 1000).toISOString() } : {};
  };
  return {
    consumer,
    org: org.replaceAll('%23', '#').replaceAll('%25', '%'),
    eventId: rest.join('#'),
    status: String(item['status']),
    attempts: Number(item['attempts']),
    digest: String(item['digest']),
    ...time('leaseUntil'),
    ...time('claimedAt'),
    ...time('completedAt'),
    ...time('expiresAt'),
  };
}

/** What a row means, in a sentence. */
export function meaningOf(row: LedgerRow, now: Date): string {
  const { consumer, status, attempts, leaseUntil, completedAt } = row;
  if (status === 'COMPLETED')
    return `${consumer} has done it, at ${shortTime(completedAt)}, attempt ${attempts}`;
  if (leaseUntil !== undefined && new Date(leaseUntil) > now)
    return `${consumer} works on it, attempt ${attempts}, until ${shortTime(leaseUntil)} at the latest`;
  if (leaseUntil !== undefined)
    return `${consumer} ended attempt ${attempts} without a word (crash or time-out); the next receive takes over`;
  if (attempts === 0)
    return `${consumer} gave it back uncounted, because something it needs was unavailable; it will try again`;
  return `${consumer} failed at attempt ${attempts} and gave it back`;
}
