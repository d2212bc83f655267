import { schemeOf, signDelivery } from '@aftercall/signing';
import type { SchemeName, SignatureScheme } from '@aftercall/signing';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SteadyLoad {
  readonly url: string;
  readonly scheme: SchemeName | SignatureScheme;
  /** What the sender signs with now; asked for each delivery, so that it may be switched in mid-load. */
  readonly secret: () => string;
  /** At most. */
  readonly deliveriesPerSecond: number;
  /** One delivery in so many is signed with a secret that nobody has. */
  readonly forgedEvery: number;
  /** The load ends when it is aborted; what is under way is waited for. */
  readonly until: AbortSignal;
}

/** Answers by status, `0` where there was none. */
export type Statuses = Readonly<Record<number, number>>;

export interface SteadyResult {
  readonly genuine: Statuses;
  readonly forged: Statuses;
  readonly seconds: number;
}

/** A receiver that is slower than the rate is not buried: the load is then as fast as its answers. */
const MAX_UNDER_WAY = 8;

/** Sends single outcomes at a steady rate. As senders do, it repeats what is answered 503, and nothing else; the last answer counts. */
export async function sendSteadily(load: SteadyLoad): Promise<SteadyResult> {
  const counts: Record<'genuine' | 'forged', Record<number, number>> = { genuine: {}, forged: {} };
  const underWay = new Set<Promise<void>>();
  const started = performance.now();
  for (let sent = 0; !load.until.aborted; sent += 1) {
    const isForged = sent % load.forgedEvery === load.forgedEvery - 1;
    const secret = isForged ? randomUUID() : load.secret();
    const one = deliver(load, secret).then((status) => {
      const counted = counts[isForged ? 'forged' : 'genuine'];
      counted[status] = (counted[status] ?? 0) + 1;
      underWay.delete(one);
    });
    underWay.add(one);
    if (underWay.size >= MAX_UNDER_WAY) await Promise.race(underWay);
    const dueMillis = started + ((sent + 1) * 1000) / load.deliveriesPerSecond;
    const waitMillis = dueMillis - performance.now();
    if (waitMillis > 1) await sleep(waitMillis);
    else if (sent % 20 === 0) await sleep(0);
  }
  await Promise.all(underWay);
  return { ...counts, seconds: (performance.now() - started) / 1000 };
}

const MAX_ATTEMPTS = 6;
const RETRY_PAUSE_MILLIS = 300;

async function deliver({ url, scheme }: SteadyLoad, secret: string): Promise<number> {
  const time = new Date();
  const body = JSON.stringify({
    webhookEventId: randomUUID(),
    data: { conversationId: randomUUID(), timestamp: time.toISOString() },
  });
  const signature = signDelivery(Buffer.from(body), schemeOf(scheme), secret, {
    id: randomUUID(),
    now: time,
  });
  const headers = { 'content-type': 'application/json', ...signature };
  for (let attempt = 1; ; attempt += 1) {
    const status = await post(url, headers, body);
    if (status !== 503 || attempt === MAX_ATTEMPTS) return status;
    await sleep(RETRY_PAUSE_MILLIS);
  }
}

async function post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<number> {
  try {
    const answer = await fetch(url, { method: 'POST', headers: { ...headers }, body });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}
