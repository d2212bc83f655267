/** What can be asked for: an event id, the id its sender declared, a conversation id or a delivery id. */
export interface Traceable {
  readonly eventId?: string | undefined;
  readonly conversationId?: string | undefined;
  readonly deliveryId?: string | undefined;
  readonly org?: string | undefined;
}

export interface Reference {
  readonly text: string;
  /** Only what is this organisation's. */
  readonly org: string | undefined;
}

/** A delivery id is a hash of 64 characters, of which `send` shows the first ones. */
const DELIVERY_ID_START = /^[0-9a-f]{8,64}$/;

/** Whether something is what was asked for. */
export function isAbout(
  { text, org }: Reference,
  { eventId, conversationId, deliveryId, org: its }: Traceable,
): boolean {
  if (org !== undefined && its !== undefined && its !== org) return false;
  if (text === eventId || text === conversationId || text === deliveryId) return true;
  if (DELIVERY_ID_START.test(text) && deliveryId?.startsWith(text)) return true;
  return eventId !== undefined && (eventId.startsWith(`${text}#`) || eventId.includes(`#${text}/`));
}

/** `{declared id}#{conversation}/{communication}`: its conversation. A stored delivery has none. */
export function conversationIn(eventId: string): string | undefined {
  const rest = eventId.slice(eventId.lastIndexOf('#') + 1);
  const end = rest.lastIndexOf('/');
  return eventId.includes('#') && end > 0 ? rest.slice(0, end) : undefined;
}

/** Whether a text can only be a whole event id. */
export const isEventId = (text: string): boolean => /#[^/]+\//.test(text);
