import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRetried } from '@aftercall/genesys-simulator';
import type { LocalJson } from '@aftercall/local';
import { schemeOf, signDelivery } from '@aftercall/signing';
import { mainSource } from './peers.ts';

const RETRY_MILLIS = 500;

/** A delivery that was taken in the end. */
export interface Acknowledged {
  /** Of the first attempt, in milliseconds of the epoch. */
  readonly sentAt: number;
  /** From the first attempt to the 200. */
  readonly millis: number;
  /** How often it was refused and sent again, as senders do. */
  readonly refusals: number;
}

/** Sends a delivery, signed for source `main`, until it is taken. @throws Error on an answer that no sender repeats */
export async function sendDelivery(local: LocalJson, body: string): Promise<Acknowledged> {
  const { url, secret } = mainSource({ local });
  const now = new Date();
  const bytes = Buffer.from(body);
  const signed = signDelivery(bytes, schemeOf('genesys-webhook'), secret, { id: randomUUID(), now });
  const headers = { 'content-type': 'application/json', ...signed };
  const startedAt = performance.now();
  for (let refusals = 0; ; refusals += 1) {
    const answer = await fetch(url, { method: 'POST', headers, body: bytes });
    await answer.arrayBuffer();
    if (answer.status === 200)
      return { sentAt: now.getTime(), millis: performance.now() - startedAt, refusals };
    if (!isRetried(answer.status)) throw new Error(`a good delivery was answered ${answer.status}`);
    await sleep(RETRY_MILLIS);
  }
}
