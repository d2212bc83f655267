import type { TrafficSource } from './planned-delivery.ts';

/** One source of every form of scheme, as tests use them; `messaging` and `main` share an organisation. */
export const sources: readonly TrafficSource[] = [
  { key: 'main', scheme: 'genesys-webhook', secret: 'correct-horse-battery-staple-0123' },
  { key: 'messaging', scheme: 'open-messaging', secret: 'correct-horse-battery-staple-4567', org: 'main' },
  { key: 'relay', scheme: 'standard-webhooks', secret: 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=' },
  {
    key: 'static',
    scheme: { kind: 'static-header', header: 'x-api-key' },
    secret: 'correct-horse-battery-staple-89ab',
  },
  {
    key: 'timed',
    scheme: { kind: 'hmac', headers: ['x-sig'], encoding: 'hex', prefix: 'v0=', timestampHeader: 'x-time' },
    secret: 'correct-horse-battery-staple-cdef',
    dialects: ['analytics-webhook'] as const,
  },
].map((source) => ({ ...source, url: `http://127.0.0.1:9/webhooks/${source.key}` }) as TrafficSource);
