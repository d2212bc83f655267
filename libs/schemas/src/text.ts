import Type from 'typebox';

/**
 * An id as it travels in keys: no control characters and no lone surrogates, which DynamoDB and SQS either refuse
 * or silently change. 128 code points keep every composed key far below DynamoDB's 2,048 bytes.
 */
export const idSchema = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]+$',
});

/** A short label: an enum that grows, a name, a code. Unknown values are kept, never refused. */
export const labelSchema = Type.String({ maxLength: 512 });

/** RFC 3339 date and time, as Genesys Cloud writes it. */
export const timeSchema = Type.String({ format: 'date-time', maxLength: 64 });
