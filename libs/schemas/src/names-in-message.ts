/** What a message of any queue says it is about, as far as it says anything. */
export interface NamesInMessage {
  readonly org?: string;
  readonly eventId?: string;
  readonly conversationId?: string;
  readonly deliveryId?: string;
  /** As the message has it: `genesys/main`, or the key alone. */
  readonly source?: string;
  readonly type?: string;
}

/**
 * Reads what can be read of a message that nobody could work on; it may be anything. Behind the bus it is a fact,
 * alone or in EventBridge's wrapping, whose data name the event that it is about. Never throws.
 */
export function namesInMessage(body: string): NamesInMessage {
  const outer = parsedObject(body);
  const event = isObject(outer['detail']) ? outer['detail'] : outer;
  const { event_id: eventId, source } = isObject(event['data']) ? event['data'] : {};
  const isFact = typeof eventId === 'string';
  const text = (name: string, value: unknown) => (typeof value === 'string' ? { [name]: value } : {});
  return {
    ...text('org', event['org']),
    ...text('eventId', isFact ? eventId : event['id']),
    ...text('conversationId', event['subject'] ?? event['conversationId']),
    ...text('deliveryId', event['deliveryid']),
    ...text('source', isFact ? source : event['source']),
    ...text('type', event['type']),
  };
}

function parsedObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
