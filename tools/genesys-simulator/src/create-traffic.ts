import { schemeOf } from '@aftercall/signing';

import { cloudEvent, conversationSteps, openMessage, outcome, unsupportedStep } from './payloads.ts';
import type { Payload } from './payloads.ts';
import type {
  ConversationExpectation,
  Dialect,
  PlannedDelivery,
  TrafficKind,
  TrafficSource,
} from './planned-delivery.ts';
import { seededRandom } from './random.ts';
import type { Random } from './random.ts';
import { forgeriesOf } from './sign-planned.ts';
import { DEFAULT_MIX, kindPicker } from './traffic-mix.ts';
import type { TrafficMix } from './traffic-mix.ts';

/** How many conversations are under way at once: their steps lie apart and mingle. */
const OPEN_CONVERSATIONS = 8;

/** What decides a run. */
export interface TrafficOptions {
  readonly seed: number;
  readonly count: number;
  readonly sources: readonly TrafficSource[];
  readonly now: Date;
  /** Default: `DEFAULT_MIX`. */
  readonly mix?: TrafficMix;
}

/** A delivery without its place in the run, and the payload it was made from. */
type Draft = Omit<PlannedDelivery, 'index'> & { readonly payload: Payload };

interface Plan {
  readonly random: Random;
  readonly now: Date;
  readonly sources: readonly TrafficSource[];
  /** Genuine, accepted ones so far. */
  readonly past: Draft[];
  /** Must come before anything else is drawn. */
  readonly next: Draft[];
  readonly conversations: Record<'conversation' | 'conversation-reordered', Steps[]>;
}

interface Steps {
  readonly source: TrafficSource;
  readonly left: Payload[];
}

/**
 * The deliveries of one run: the same options give the same bytes, in the same order.
 *
 * @throws Error when no source speaks a dialect that the mix asks for, or the mix is empty
 */
export function* createTraffic(options: TrafficOptions): Generator<PlannedDelivery, void, undefined> {
  const { seed, count, sources, now, mix = DEFAULT_MIX } = options;
  const pickKind = kindPicker(mix);
  const random = seededRandom(seed);
  const conversations = { conversation: [], 'conversation-reordered': [] };
  const plan: Plan = { random, now, sources, past: [], next: [], conversations };
  for (let index = 0; index < count; index += 1) {
    const { payload, ...delivery } = plan.next.shift() ?? draft(pickKind(random), plan);
    const isFresh = delivery.expectation.status === 200 && delivery.kind !== 'duplicate';
    if (isFresh) plan.past.push({ ...delivery, payload });
    yield { index, ...delivery };
  }
}

function draft(kind: TrafficKind, plan: Plan): Draft {
  switch (kind) {
    case 'analytics':
    case 'analytics-without-id':
    case 'analytics-batch':
      return analytics(kind, plan);
    case 'conversation':
    case 'conversation-reordered':
      return conversation(kind, plan);
    case 'conversation-unsupported':
      return genuine(kind, 'conversation-webhook', unsupportedStep(plan.random, plan.now), {}, plan);
    case 'open-messaging':
      return message(plan);
    case 'cloudevents':
      return event(plan);
    case 'duplicate':
      return duplicate(plan);
    case 'changed-metadata':
      return changedMetadata(plan);
    case 'same-id-other-org':
      return sameIdOtherOrg(plan);
    case 'forged':
      return forged(plan);
    case 'bad-item':
      return badItem(plan);
    case 'not-json':
    case 'wrong-schema':
      return unreadable(kind, plan);
    case 'unknown-source':
      return unknownSource(plan);
  }
}

/** What a genuine delivery of known dialect should bring about; everything else follows from its source. */
interface Promised {
  /** Event ids without their declared part: `#{conversationId}/{communicationId or -}`. */
  readonly tails?: readonly string[];
  readonly declaredId?: string | undefined;
  readonly conversations?: readonly ConversationExpectation[];
  readonly refusedItems?: number;
  readonly source?: TrafficSource;
  readonly contentType?: string;
}

function genuine(
  kind: TrafficKind,
  dialect: Dialect,
  payload: Payload | readonly Payload[],
  promised: Promised,
  plan: Plan,
): Draft {
  const { random, sources } = plan;
  const source = promised.source ?? speaker(dialect, sources, random);
  const deliveryId = `msg_${random.uuid()}`;
  // The signed delivery id stands in for an id that the body does not declare, where the scheme signs one.
  const signedId = schemeOf(source.scheme).kind === 'standard-webhooks' ? deliveryId : undefined;
  const declared = promised.declaredId ?? signedId;
  const tails = [...new Set(promised.tails)];
  return {
    kind,
    source,
    url: source.url,
    deliveryId,
    contentType: promised.contentType ?? 'application/json',
    body: json(payload),
    signature: 'genuine',
    payload: Array.isArray(payload) ? { list: payload } : (payload as Payload),
    expectation: {
      expect: 'accepted',
      status: 200,
      org: source.org ?? source.key,
      eventIds: declared === undefined ? [] : tails.map((tail) => `${declared}${tail}`),
      conversations: promised.conversations ?? [],
      events: tails.length,
      refusedItems: promised.refusedItems ?? 0,
      reason: kind,
    },
  };
}

function speaker(dialect: Dialect, sources: readonly TrafficSource[], random: Random): TrafficSource {
  const speakers = sources.filter(({ dialects }) => dialects === undefined || dialects.includes(dialect));
  if (speakers.length === 0)
    throw new Error(`no source speaks ${dialect}; add one or leave it out of the mix`);
  return random.pick(speakers);
}

function json(payload: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(payload));
}

function tailOf({ conversationId, communicationId }: ReturnType<typeof outcome>): string {
  return `#${conversationId}/${communicationId ?? '-'}`;
}

function analytics(kind: 'analytics' | 'analytics-without-id' | 'analytics-batch', plan: Plan): Draft {
  const { random, now } = plan;
  const items = Array.from({ length: kind === 'analytics-batch' ? random.between(2, 12) : 1 }, () =>
    outcome(random, now),
  );
  // Now and then a sender repeats an item within its batch: equal id and equal data are one event.
  const data = kind === 'analytics-batch' && random.chance(0.2) ? [...items, ...items.slice(0, 1)] : items;
  const declaredId = kind === 'analytics-without-id' ? undefined : `evt-${random.uuid()}`;
  const payload = {
    ...(declaredId !== undefined && { webhookEventId: declaredId }),
    topic: 'post-call-analytics',
    timestamp: now.toISOString(),
    data: kind === 'analytics-batch' ? data : data[0],
  };
  const conversations = items.map(({ conversationId }) => ({ conversationId }));
  return genuine(
    kind,
    'analytics-webhook',
    payload,
    { tails: data.map(tailOf), declaredId, conversations },
    plan,
  );
}

function conversation(kind: 'conversation' | 'conversation-reordered', plan: Plan): Draft {
  const { random, now } = plan;
  const open = plan.conversations[kind];
  while (open.length < OPEN_CONVERSATIONS) {
    const steps = conversationSteps(random, now);
    const left = kind === 'conversation-reordered' ? random.shuffled(steps) : [...steps];
    open.push({ source: speaker('conversation-webhook', plan.sources, random), left });
  }
  const steps = random.pick(open);
  const [step, ...rest] = steps.left;
  if (step === undefined) throw new Error('an open conversation has no step left');
  open.splice(open.indexOf(steps), 1, ...(rest.length > 0 ? [{ ...steps, left: rest }] : []));
  return genuine(kind, 'conversation-webhook', step, { ...promisedBy(step), source: steps.source }, plan);
}

/** An update of a medium that is neither voice nor chat is answered 200 and skipped. */
function promisedBy(step: Payload): Promised {
  const isUpdate = step['event_type'] === 'conversation:updated';
  if (isUpdate && step['type'] !== 'voice' && step['type'] !== 'chat') return {};
  const conversationId = String(step['conversation_id']);
  const status = step['event_type'] === 'conversation:ended' ? 'ended' : 'active';
  return { tails: [`#${conversationId}/-`], conversations: [{ conversationId, status }] };
}

function message(plan: Plan): Draft {
  const payload = openMessage(plan.random, plan.now);
  const { id, conversationId } = payload;
  const isTyping = JSON.stringify(payload).includes('"Typing"');
  const tails = conversationId === undefined || isTyping ? [] : [`#${conversationId}/-`];
  return genuine('open-messaging', 'open-messaging', payload, { tails, declaredId: id }, plan);
}

function event(plan: Plan): Draft {
  const payload = cloudEvent(plan.random, plan.now);
  const promised = {
    tails: [tailOf(payload.data)],
    declaredId: payload.id,
    contentType: 'application/cloudevents+json',
  };
  return genuine('cloudevents', 'cloudevents', payload, promised, plan);
}

function duplicate(plan: Plan): Draft {
  if (plan.past.length === 0) return draftGenuine(plan);
  const original = plan.random.pick(plan.past);
  return { ...original, kind: 'duplicate', expectation: { ...original.expectation, reason: 'duplicate' } };
}

/** A single outcome, or a conversation's step where no source speaks the analytics dialect. */
function draftGenuine(plan: Plan): Draft {
  const speaksAnalytics = plan.sources.some(
    ({ dialects }) => dialects?.includes('analytics-webhook') ?? true,
  );
  return speaksAnalytics ? analytics('analytics', plan) : conversation('conversation', plan);
}

function pastWithEventId({ past }: Plan): Draft[] {
  return past.filter(({ payload }) => payload['webhookEventId'] !== undefined);
}

/** The same event sent again with another envelope: only what the sender says about the delivery has changed. */
function changedMetadata(plan: Plan): Draft {
  const originals = pastWithEventId(plan);
  if (originals.length === 0) return draftGenuine(plan);
  const original = plan.random.pick(originals);
  const attempt = Number(original.payload['deliveryAttempt'] ?? 1) + 1;
  const payload = {
    ...original.payload,
    timestamp: new Date(plan.now.getTime() + attempt).toISOString(),
    deliveryAttempt: attempt,
  };
  const expectation = { ...original.expectation, reason: 'changed-metadata' };
  return { ...original, kind: 'changed-metadata', payload, body: json(payload), expectation };
}

/** Event ids are an organisation's own: the same one from another organisation is another event. */
function sameIdOtherOrg(plan: Plan): Draft {
  const original = pastWithEventId(plan).at(-1);
  const elsewhere = plan.sources.filter(
    ({ key, org = key, dialects }) =>
      org !== original?.expectation.org && (dialects?.includes('analytics-webhook') ?? true),
  );
  if (original === undefined || elsewhere.length === 0) return draftGenuine(plan);
  const source = plan.random.pick(elsewhere);
  const expectation = { ...original.expectation, org: source.org ?? source.key, reason: 'same-id-other-org' };
  return { ...original, kind: 'same-id-other-org', source, url: source.url, expectation };
}

/** Bears the id of a genuine event, half the time before the genuine one is sent: it must not keep that one out. */
function forged(plan: Plan): Draft {
  const { random, past, next } = plan;
  const isAhead = past.length === 0 || random.chance(0.5);
  const original = isAhead ? draftGenuine(plan) : random.pick(past);
  if (isAhead) next.push(original);
  const signature = random.pick(forgeriesOf(original.source.scheme));
  return refusedAs({ ...original, kind: 'forged', signature }, 401, `forged-${signature}`);
}

function refusedAs(original: Draft, status: number, reason: string): Draft {
  const { org } = original.expectation;
  const nothing = { eventIds: [], conversations: [], events: 0, refusedItems: 0 };
  return { ...original, expectation: { expect: 'refused', status, org, ...nothing, reason } };
}

/** One item that cannot be understood among good ones. */
function badItem(plan: Plan): Draft {
  const { random, now } = plan;
  const good = Array.from({ length: random.between(1, 6) }, () => outcome(random, now));
  const { conversationId, ...nameless } = outcome(random, now);
  const bad = random.pick<unknown>([
    nameless,
    { ...nameless, conversationId, timestamp: 'yesterday' },
    { ...nameless, conversationId: 42 },
    null,
  ]);
  const declaredId = `evt-${random.uuid()}`;
  const payload = { webhookEventId: declaredId, data: random.shuffled<unknown>([...good, bad]) };
  const conversations = good.map((item) => ({ conversationId: item.conversationId }));
  const promised = { tails: good.map(tailOf), declaredId, conversations, refusedItems: 1 };
  return genuine('bad-item', 'analytics-webhook', payload, promised, plan);
}

/** Signed as it should be, and nothing in it that could be accepted. */
function unreadable(kind: 'not-json' | 'wrong-schema', plan: Plan): Draft {
  const whole = draftGenuine(plan);
  const body =
    kind === 'not-json'
      ? plan.random.pick(notJson(whole.body))
      : json(plan.random.pick(wrongSchema(whole.payload)));
  return refusedAs({ ...whole, kind, body }, 400, kind);
}

/** All of it UTF-8: an HTTP API hands JSON on as text, and what is none would arrive as other bytes than were signed. */
function notJson(body: Uint8Array): readonly Uint8Array[] {
  const text = (line: string) => new TextEncoder().encode(line);
  return [body.slice(0, -1), text('<xml/>'), text('conversation=1'), text('')];
}

function wrongSchema({ webhookEventId }: Payload): readonly unknown[] {
  return [
    { hello: 'world' },
    [],
    null,
    { webhookEventId, data: [] },
    { webhookEventId, data: { sentiment: { overall: 'negative' } } },
    { event_type: 'conversation:ended' },
  ];
}

function unknownSource(plan: Plan): Draft {
  const whole = draftGenuine(plan);
  const url = whole.url.replace(/[^/]+$/, 'no-such-source');
  return refusedAs({ ...whole, kind: 'unknown-source', url }, 404, 'unknown-source');
}
