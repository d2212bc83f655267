/** One row of the ledger: what is known about one event's way through one consumer. Times are epoch seconds. */
export interface LedgerRecord {
  readonly pk: string;
  readonly status: 'IN_PROGRESS' | 'COMPLETED';
  /** Random token of who may complete or release the record: the fence against a worker that outlived its lease. */
  readonly owner: string;
  /** Until then nobody else may work on the event; 0 once it was released. */
  readonly leaseUntil: number;
  readonly attempts: number;
  /** SHA-256 of the event's business data. */
  readonly digest: string;
  readonly claimedAt: number;
  readonly completedAt?: number;
  /** From then on the record counts as absent; DynamoDB's TTL only collects it, often days later. */
  readonly expiresAt: number;
  /** The replay that claimed last; absent for an event's first sending. */
  readonly replayRun?: string;
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isCount = (value: unknown) => Number.isSafeInteger(value);
const isAbsentOr = (check: (value: unknown) => boolean) => (value: unknown) =>
  value === undefined || check(value);

const checks: Record<keyof LedgerRecord, (value: unknown) => boolean> = {
  pk: isText,
  status: (value) => value === 'IN_PROGRESS' || value === 'COMPLETED',
  owner: isText,
  leaseUntil: isCount,
  attempts: isCount,
  digest: isText,
  claimedAt: isCount,
  completedAt: isAbsentOr(isCount),
  expiresAt: isCount,
  replayRun: isAbsentOr(isText),
};

/**
 * Reads what a table holds as a record of the ledger.
 *
 * @throws Error naming the attribute that is missing or malformed, never its value
 */
export function parseLedgerRecord(item: Readonly<Record<string, unknown>>): LedgerRecord {
  if (isLedgerRecord(item)) return item;
  throw new Error(
    `the ledger holds an item without a valid "${malformedAttribute(item)}": repair or delete it`,
  );
}

function isLedgerRecord(
  item: Readonly<Record<string, unknown>>,
): item is Readonly<Record<string, unknown>> & LedgerRecord {
  return malformedAttribute(item) === undefined;
}

function malformedAttribute(item: Readonly<Record<string, unknown>>): string | undefined {
  return Object.entries(checks).find(([name, isValid]) => !isValid(item[name]))?.[0];
}
