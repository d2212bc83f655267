import Type, { type Static } from 'typebox';
import { schedule, strict, text, whole } from './stage-fields.ts';

const redshiftSchema = strict({
  /** Redshift processing units while a query runs; idle, nothing is paid. */
  baseCapacity: whole(8, 512, 'processing units'),
  /** Then it is switched off until the next month. */
  hoursPerMonth: whole(1, 100_000, 'processing unit hours'),
  /** When the hours that are new are added to the table that Spectrum reads. */
  partitionsSchedule: schedule,
});

const icebergSchema = strict({
  /** What Firehose gathers before it writes: whichever is reached first. */
  bufferMegabytes: whole(1, 128, 'megabytes'),
  bufferSeconds: whole(0, 900, 'seconds'),
  /** When what has landed is merged, each outcome once. */
  mergeSchedule: schedule,
});

/** What queries the lake with SQL on AWS. Without it the files are there and nothing knows of them. */
export const warehouseSchema = strict({
  /** The first day that the lake has: Athena looks for no earlier one. */
  since: text('^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$', 'must be a day such as 2026-11-01'),
  /** A query that would read more is broken off: Athena is paid by what is read. */
  maxBytesPerQuery: whole(10_000_000, Number.MAX_SAFE_INTEGER, 'bytes'),
  redshift: Type.Optional(redshiftSchema),
  /** For tenants whose hours are too large to be merged file by file, see docs/lake.md. */
  iceberg: Type.Optional(icebergSchema),
});

/** What queries the lake with SQL on AWS. */
export type WarehouseSettings = Static<typeof warehouseSchema>;

/** What a warehouse and the rest of a stage do not allow together, a line each. */
export function warehouseProblems({
  warehouse,
  network,
}: {
  readonly warehouse?: WarehouseSettings;
  readonly network?: { readonly zones: readonly string[] };
}): readonly string[] {
  // Redshift Serverless wants a subnet in each of three zones.
  if (!warehouse?.redshift || network?.zones.length === 3) return [];
  return ['warehouse.redshift: needs a network of three zones to stand in'];
}
