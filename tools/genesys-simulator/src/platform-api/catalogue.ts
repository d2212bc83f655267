/** What the tenant has configured: names by id. */
export interface Catalogue {
  readonly categories: readonly NamedEntity[];
  readonly topics: readonly NamedEntity[];
}

export interface NamedEntity {
  readonly id: string;
  readonly name: string;
}

const entity = (id: string, name: string): NamedEntity => ({ id, name });

export const CATALOGUE: Catalogue = {
  categories: [
    entity('305a34ba-d517-44d0-bbbd-ae4687b112e8', 'Complaint'),
    entity('42569925-f61e-46e9-aa22-64acc8daa038', 'Disclosure missing'),
    entity('8d1c4a0e-5b0f-4c6e-9d55-3a8c2f0d7a03', 'Card number spoken'),
    entity('8d1c4a0e-5b0f-4c6e-9d55-3a8c2f0d7a04', 'Escalation'),
    entity('8d1c4a0e-5b0f-4c6e-9d55-3a8c2f0d7a05', 'Long silence'),
  ],
  topics: [
    entity('14c7fc1c-85f5-447a-b258-c319f97bf1b8', 'Refund'),
    entity('14c7fc1c-85f5-447a-b258-c319f97bf1b9', 'Billing'),
    entity('14c7fc1c-85f5-447a-b258-c319f97bf1ba', 'Cancellation'),
    entity('14c7fc1c-85f5-447a-b258-c319f97bf1bb', 'Supervisor'),
  ],
};

const DETAIL_EVENTS = [
  'customer.start',
  'customer.end',
  'acd.start',
  'acd.end',
  'user.start',
  'user.end',
  'acw',
  'wrapup',
  'attributes',
];

/** As `GET /api/v2/notifications/availabletopics` lists them, those that matter to us. */
export const AVAILABLE_TOPICS: readonly object[] = [
  ...DETAIL_EVENTS.map((name) => topic(`v2.detail.events.conversation.{id}.${name}`, ['All'])),
  ...['sentiment', 'topics', 'empathy'].map((name) =>
    topic(`v2.speechandtextanalytics.conversation.{id}.${name}`, ['EventBridge', 'ProcessAutomation']),
  ),
  topic('v2.speechandtextanalytics.conversations.{id}.categories', ['EventBridge', 'ProcessAutomation']),
  topic(
    'v2.conversations.{id}.transcription',
    ['Websocket', 'EventBridge'],
    ['conversation:transcription:view'],
  ),
  topic('v2.users.{id}.presence', ['Websocket']),
];

function topic(
  id: string,
  transports: readonly string[],
  requiresPermissions: readonly string[] = [],
): object {
  return { id, transports, requiresPermissions };
}
