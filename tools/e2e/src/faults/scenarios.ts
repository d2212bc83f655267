import type { PlannedDelivery } from '@aftercall/genesys-simulator';
import { analytics, conversationStep, delivery, forgedDelivery, outcome } from './deliveries.ts';

/** What is sent through the stage while its calls break one by one. */
export interface Scenario {
  readonly name: string;
  readonly traffic: readonly PlannedDelivery[];
  /** Messages that one receive brings, where that matters. */
  readonly receiveAtMost?: number;
  /** Everything is sent once more, so much after the first time. */
  readonly againAfterSeconds?: number;
  /** Is put on the events queue by somebody who has no key. */
  readonly forgedMessage?: string;
  /** For so long no event can have its effect; what was given up by then is replayed. */
  readonly refusedSeconds?: number;
}

/** Every way that an event can take. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'single', traffic: [delivery(0, analytics(1, outcome(1)))] },
  {
    name: 'batch',
    traffic: [
      delivery(
        0,
        analytics(1, [
          outcome(1),
          outcome(2, { conversation: 1 }),
          outcome(3),
          outcome(4, { violations: 1 }),
        ]),
      ),
    ],
  },
  {
    name: 'conversation',
    // The last comes before the one before it, as it may from a sender that retries.
    traffic: [
      delivery(0, conversationStep(1, 0, 'created')),
      delivery(1, conversationStep(1, 2, 'ended')),
      delivery(2, conversationStep(1, 1, 'updated')),
    ],
  },
  // More than are queued one by one, as the suite's bundles have it.
  {
    name: 'stored delivery',
    traffic: [
      delivery(
        0,
        analytics(
          1,
          Array.from({ length: 7 }, (_, n) => outcome(n, { conversation: n % 5 })),
        ),
      ),
    ],
  },
  { name: 'transcript', traffic: [delivery(0, analytics(1, outcome(1, { transcript: true })))] },
  {
    name: 'lake merge',
    traffic: Array.from({ length: 6 }, (_, n) => delivery(n, analytics(n, outcome(n)))),
    receiveAtMost: 2,
  },
  // Its transcript is noted in a conversation to which more happens at the same time.
  {
    name: 'two writers',
    traffic: [
      delivery(0, analytics(1, outcome(1, { transcript: true }))),
      ...Array.from({ length: 8 }, (_, step) => delivery(step + 1, conversationStep(1, step, 'updated'))),
    ],
  },
  { name: 'compliance', traffic: [delivery(0, analytics(1, outcome(1, { violations: 2 })))] },
  {
    name: 'sent again',
    traffic: [delivery(0, analytics(1, outcome(1, { violations: 1 })))],
    // Longer than SQS recognises a repetition by itself.
    againAfterSeconds: 20 * 60,
  },
  {
    name: 'replay',
    traffic: [delivery(0, analytics(1, [outcome(1, { violations: 1 }), outcome(2, { conversation: 1 })]))],
    refusedSeconds: 30 * 60,
  },
  { name: 'forged delivery', traffic: [forgedDelivery(0, analytics(1, outcome(1)))] },
  {
    name: 'forged message',
    traffic: [delivery(0, analytics(1, outcome(1)))],
    forgedMessage: forged(outcome(2)),
  },
];

/** Everything is right with it but that nobody sealed it. */
function forged({ conversationId, ...data }: ReturnType<typeof outcome>): string {
  const time = data.timestamp;
  return JSON.stringify({
    specversion: '1.0',
    id: `forged#${conversationId}/-`,
    source: 'genesys/main',
    type: 'genesys.analytics.outcome',
    subject: conversationId,
    time,
    datacontenttype: 'application/json',
    dataschema: 'aftercall:analytics-outcome:1',
    org: 'main',
    digest: '0'.repeat(64),
    deliveryid: 'forged',
    receivedtime: time,
    traceparent: `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01`,
    data: { conversationId, ...data },
  });
}
