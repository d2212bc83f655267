/** Surrogate halves, of which emoji are made, and the two characters that SQS refuses. */
const NOT_SENT_AS_THEY_ARE = /[\uD800-\uDFFF\uFFFE\uFFFF]/g;

/**
 * The same JSON as SQS takes it. SQS refuses a message with U+FFFE or U+FFFF in it, some that speak its protocol also
 * what is above U+FFFF, and `JSON.stringify` leaves all of these as they are.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export const sendableText = (json: string): string =>
  json.replace(NOT_SENT_AS_THEY_ARE, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
