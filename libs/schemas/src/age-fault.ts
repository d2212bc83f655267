/** An event from further ahead than this has a wrong clock behind it, and could outlive its ledger entry. */
const MAX_AHEAD_SECONDS = 15 * 60;

/**
 * What is wrong with an event's time, if anything: a captured request must not work again once the ledger has
 * forgotten its event.
 *
 * @param retentionSeconds how long the ledger remembers an event
 */
export function ageFault(timestamp: string, now: Date, retentionSeconds: number): string | undefined {
  const ageSeconds = (now.getTime() - Date.parse(timestamp)) / 1000;
  if (Number.isNaN(ageSeconds)) return 'is not a date';
  if (ageSeconds > retentionSeconds) return 'is older than the ledger remembers';
  if (ageSeconds < -MAX_AHEAD_SECONDS) return 'is more than 15 minutes ahead';
  return undefined;
}
