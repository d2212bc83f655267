import { isAccessToken } from './issued-token.ts';
import { isLoopbackHost } from './service-url.ts';
import type { StoredToken, TokenStore, TokenStoreSession } from './token-store.ts';

/** Where the store is, and whose token is in it. */
export interface RedisTokenStoreOptions {
  /** `rediss://user:password@host:6379`; `redis://` to this machine alone. Asked for at each connection: it may be a secret. */
  url(): Promise<string>;
  /** One name for each OAuth client: who shares it shares the token, and its rate limit. */
  readonly name: string;
}

/** More than Redis ever takes within a region; after that a token request of our own is the faster way. */
const TIMEOUT_MILLIS = 1_000;

/** Only the owner may end a lease: who comes late must not end that of its successor. */
const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if tonumber(ARGV[2]) > 0 then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('DEL', KEYS[1])`;

type Client = Awaited<ReturnType<typeof connect>>;

/**
 * A token store in Redis or Valkey, such as ElastiCache. It is connected to only while a token is needed, a few
 * times a day: an idle connection would be dead after a container was frozen, and a thousand of them cost memory.
 */
export function redisTokenStore({ url, name }: RedisTokenStoreOptions): TokenStore {
  return {
    open: async () => redisSession(await connect(checkedUrl(await url())), name),
  };
}

function redisSession(client: Client, name: string): TokenStoreSession {
  // In a cluster, keys with the same text in braces lie on the same node.
  const tokenKey = `aftercall:{${name}}:token`;
  const leaseKey = `aftercall:{${name}}:lease`;
  return {
    read: () =>
      inTime(client, async () => {
        const [text, remainingMillis] = await client.multi().get(tokenKey).pTTL(tokenKey).execTyped();
        return storedToken(text, remainingMillis);
      }),
    write: ({ accessToken, lifetimeMillis }) =>
      inTime(client, async () => {
        const expiration = { type: 'PX', value: Math.max(1, Math.floor(lifetimeMillis)) } as const;
        await client.set(tokenKey, JSON.stringify({ accessToken, lifetimeMillis }), { expiration });
      }),
    acquire: (owner, leaseMillis) =>
      inTime(client, async () => {
        const expiration = { type: 'PX', value: leaseMillis } as const;
        return (await client.set(leaseKey, owner, { condition: 'NX', expiration })) === 'OK';
      }),
    release: (owner, holdMillis) =>
      inTime(client, async () => {
        await client.eval(RELEASE, { keys: [leaseKey], arguments: [owner, String(Math.ceil(holdMillis))] });
      }),
    close: async () => client.destroy(),
  };
}

/** @throws RangeError for a URL that would send the token in the clear */
function checkedUrl(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol === 'rediss:' || (url?.protocol === 'redis:' && isLoopbackHost(url.hostname)))
    return text;
  throw new RangeError('the URL of the token store must begin with rediss://');
}

async function connect(url: string) {
  // Large, and no part of a cold start without a store. It is CommonJS, whose names a bundle has on `default` alone.
  const redis = await import('@redis/client');
  const { createClient } = redis.default;
  const client = createClient({
    url,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    socket: { connectTimeout: TIMEOUT_MILLIS, reconnectStrategy: false },
  });
  // Whatever fails also rejects the call that waits for it; without a listener the process would end.
  client.on('error', () => undefined);
  await inTime(client, () => client.connect());
  return client;
}

/** Without an answer in time the connection is given up, and with it everything that waits for it. */
async function inTime<T>(client: { destroy(): void }, run: () => Promise<T>): Promise<T> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('the token store did not answer in time')), TIMEOUT_MILLIS);
  try {
    return await Promise.race([run(), tooLate]);
  } catch (error) {
    client.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** What is not of our form was put there by somebody else and counts as nothing. */
function storedToken(text: string | null, remainingMillis: number): StoredToken | undefined {
  if (text === null || remainingMillis <= 0) return undefined;
  const { accessToken, lifetimeMillis } = parsedObject(text);
  if (!isAccessToken(accessToken) || typeof lifetimeMillis !== 'number') return undefined;
  return { accessToken, lifetimeMillis, remainingMillis };
}

function parsedObject(text: string): { accessToken?: unknown; lifetimeMillis?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
