import type { LocalSource } from '@aftercall/local';
import { schemeOf, signDelivery } from '@aftercall/signing';
import type { SchemeName, SignatureScheme } from '@aftercall/signing';
import { setTimeout as pause } from 'node:timers/promises';

/** An answer with its body read: parsed where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Everything of a request; a body is sent byte for byte. */
export interface Request {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** How often and how patiently a sender repeats what was answered 503. */
const RETRIES = 6;
const RETRY_PAUSE_MILLIS = 300;

/** Sends one request, once. */
export async function request(url: string, { method = 'POST', headers, body }: Request): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    headers: { ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  });
  return { status: answer.status, headers: answer.headers, body: parsed(await answer.text()) };
}

/** Sends a request as webhook senders do: what is answered 503 is sent again. */
export async function requestUntilTaken(url: string, wanted: Request): Promise<Answer> {
  for (let retries = 0; ; retries += 1) {
    const answer = await request(url, wanted);
    if (answer.status !== 503 || retries === RETRIES) return answer;
    await pause(RETRY_PAUSE_MILLIS);
  }
}

/** The headers of a genuine delivery. */
export function genuineHeaders(
  { scheme, secret }: Pick<LocalSource, 'scheme' | 'secret'>,
  body: Uint8Array | string,
  deliveryId: string,
): Record<string, string> {
  const stamp = { id: deliveryId, now: new Date() };
  const signature = signDelivery(
    Buffer.from(body),
    schemeOf(scheme as SchemeName | SignatureScheme),
    secret,
    stamp,
  );
  return { 'content-type': 'application/json', ...signature };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
