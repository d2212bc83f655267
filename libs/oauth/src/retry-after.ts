/** Nobody means more than a day; such a number is a mistake, an epoch time for instance. */
const MAX_RETRY_AFTER_SECONDS = 86_400;

/** The one form of date that senders may use. @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * How many seconds an answer asks to wait; undefined when it asks nothing, or nonsense.
 * A date is measured against the answer's own `Date`, so that it does not matter how late it is here.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfterSeconds(headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : secondsUntil(text, headers.get('date') ?? '');
  return seconds !== undefined && seconds <= MAX_RETRY_AFTER_SECONDS ? seconds : undefined;
}

function secondsUntil(then: string, now: string): number | undefined {
  if (!HTTP_DATE.test(then) || !HTTP_DATE.test(now)) return undefined;
  const seconds = (Date.parse(then) - Date.parse(now)) / 1000;
  return seconds >= 0 ? seconds : undefined;
}
