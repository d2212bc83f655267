import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { TokenRefusedError } from '@aftercall/oauth';
import { checkSeal, parseKeyring, seal } from '@aftercall/signing';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import { createHandler } from './handler.ts';
import { memorySecretVersions } from './memory-secret-versions.ts';
import { keyringRotation } from './rotate-keyring.ts';
import { oauthRotation } from './rotate-oauth-client.ts';
import { STEPS } from './rotate-secret.ts';

const OAUTH = 'aftercall/dev/genesys/main/backfill';
const SEALING = 'aftercall/dev/sealing';
const DAY = 86_400;
const pair = {
  clientId: 'client-a',
  clientSecret: 'secret-of-a-0',
  standby: { clientId: 'client-b', clientSecret: 'secret-of-b-0' },
};
const newKeyring = () =>
  JSON.stringify({ current: 'k0', keys: { k0: { key: randomBytes(32).toString('base64') } } });

/** The rotator with one secret and Genesys Cloud's two clients in memory, its clock in the test's hand. */
function rotator(name: string, first: string | undefined) {
  const clock = { now: new Date('2026-11-20T14:00:00Z') };
  const now = () => clock.now;
  const versions = memorySecretVersions(name, first, now);
  const secrets = new Map([
    ['client-a', 'secret-of-a-0'],
    ['client-b', 'secret-of-b-0'],
  ]);
  const faults = { logIn: async () => undefined as void, newClientSecret: async () => undefined as void };
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  let made = 0;
  const logIn = async ({ clientId, clientSecret }: { clientId: string; clientSecret: string }) => {
    await faults.logIn();
    if (secrets.get(clientId) !== clientSecret)
      throw new TokenRefusedError('invalid-client', 'the client is refused');
  };
  const oauth = oauthRotation({
    newClientSecret: async (clientId) => {
      await faults.newClientSecret();
      const secret = `secret-of-${clientId}-${(made += 1)}`;
      secrets.set(clientId, secret);
      return secret;
    },
    logIn,
    cacheSeconds: 300,
    now,
  });
  const keyring = keyringRotation({ randomBytes, now });
  const handler = createHandler({
    versions,
    rotationOf: (asked) => ({ [OAUTH]: oauth, [SEALING]: keyring })[asked],
    log: createLogger({ function: 'secret-rotator', destination: { write } }),
    metrics: createMetrics({ function: 'secret-rotator', write, now }),
    now,
  });
  const step = (Step: string, ClientRequestToken: string) =>
    handler({ Step, SecretId: `arn:${name}`, ClientRequestToken });
  const rotate = async (versionId: string) => {
    versions.begin(versionId);
    for (const one of STEPS) await step(one, versionId);
  };
  const later = (seconds: number) => void (clock.now = new Date(clock.now.getTime() + seconds * 1000));
  const currentWorks = async () => logIn(JSON.parse(versions.current() ?? ''));
  later(DAY);
  return { versions, handler, step, rotate, later, faults, lines, secrets, currentWorks, now };
}

describe('an OAuth client', () => {
  test('takes turns with the other, whose secret nobody touches', async () => {
    const { rotate, versions, secrets, later, currentWorks } = rotator(OAUTH, JSON.stringify(pair));
    await rotate('v1');
    expect(JSON.parse(versions.current() ?? '')).toMatchObject({
      clientId: 'client-b',
      standby: { clientId: 'client-a', clientSecret: 'secret-of-a-0' },
    });
    expect(secrets.get('client-a')).toBe('secret-of-a-0');
    await currentWorks();
    later(90 * DAY);
    await rotate('v2');
    expect(JSON.parse(versions.current() ?? '')).toMatchObject({ clientId: 'client-a' });
    expect(secrets.get('client-a')).not.toBe('secret-of-a-0');
    await currentWorks();
  });

  test.each(STEPS)(
    'whose %s fails leaves a current value that works, and the next try goes through',
    async (failing) => {
      const { step, versions, faults, currentWorks } = rotator(OAUTH, JSON.stringify(pair));
      versions.begin('v1');
      for (const one of STEPS) {
        if (one !== failing) {
          await step(one, 'v1');
          continue;
        }
        const failed = async () => Promise.reject(new Error('down'));
        Object.assign(faults, { logIn: failed, newClientSecret: failed });
        await step(one, 'v1').catch(() => undefined);
        Object.assign(faults, { logIn: async () => undefined, newClientSecret: async () => undefined });
        await currentWorks();
        await step(one, 'v1');
      }
      expect(JSON.parse(versions.current() ?? '')).toMatchObject({ clientId: 'client-b' });
      await currentWorks();
    },
  );

  test('with a new secret that does not work never becomes the current one, not even without the test', async () => {
    const { step, versions, secrets } = rotator(OAUTH, JSON.stringify(pair));
    versions.begin('v1');
    await step('createSecret', 'v1');
    secrets.set('client-b', 'something-else');
    await expect(step('testSecret', 'v1')).rejects.toThrow('take the label AWSPENDING off');
    await expect(step('finishSecret', 'v1')).rejects.toThrow('take the label AWSPENDING off');
    expect(versions.current()).toBe(JSON.stringify(pair));
  });

  test('is not rotated while its idle half may still be in use', async () => {
    const { rotate, versions, later, secrets } = rotator(OAUTH, JSON.stringify(pair));
    await rotate('v1');
    later(200);
    await expect(rotate('v2')).rejects.toThrow('may still be in use for 100 s');
    expect(secrets.get('client-a')).toBe('secret-of-a-0');
    expect(JSON.parse(versions.current() ?? '')).toMatchObject({ clientId: 'client-b' });
  });

  test('whose rotation took long is not rotated again before everybody has read what it ended with', async () => {
    const { step, rotate, versions, later } = rotator(OAUTH, JSON.stringify(pair));
    versions.begin('v1');
    await step('createSecret', 'v1');
    later(DAY);
    await step('finishSecret', 'v1');
    later(200);
    await expect(rotate('v2')).rejects.toThrow('may still be in use for 100 s');
    expect(JSON.parse(versions.current() ?? '')).toMatchObject({ clientId: 'client-b' });
  });

  test('can be tested with a copy of its current value, as Secrets Manager does when it is told to rotate it', async () => {
    const { step, versions } = rotator(OAUTH, JSON.stringify(pair));
    versions.begin('v1');
    await versions.putPending(OAUTH, 'v1', JSON.stringify(pair));
    await step('testSecret', 'v1');
    expect(versions.current()).toBe(JSON.stringify(pair));
  });

  test.each([
    ['no standby', { clientId: 'client-a', clientSecret: 'x' }, 'has no standby'],
    ['itself as standby', { ...pair, standby: { ...pair.standby, clientId: 'client-a' } }, 'a second one'],
    ['half a standby', { ...pair, standby: { clientId: 'client-b' } }, 'clientId and clientSecret'],
    ['no client', { standby: pair.standby }, 'clientId and clientSecret'],
  ])('with %s is refused, and no secret is made', async (_case, value, message) => {
    const { rotate, versions, secrets } = rotator(OAUTH, JSON.stringify(value));
    await expect(rotate('v1')).rejects.toThrow(message);
    expect(versions.current()).toBe(JSON.stringify(value));
    expect(secrets.get('client-b')).toBe('secret-of-b-0');
  });
});

describe('the keyring', () => {
  test('opens what was sealed two rotations ago, and drops what was replaced more than 90 days ago', async () => {
    const { rotate, versions, later, now } = rotator(SEALING, newKeyring());
    const ring = () => parseKeyring(versions.current() ?? '');
    const sealed = seal('a message', ring());
    await rotate('v1');
    later(30 * DAY);
    await rotate('v2');
    expect(Object.keys(ring().keys)).toHaveLength(3);
    expect(checkSeal('a message', sealed, ring(), now())).toBe('valid');
    later(91 * DAY);
    await rotate('v3');
    expect(Object.keys(ring().keys)).toHaveLength(2);
    expect(ring().keys).not.toHaveProperty('k0');
  });

  test('that was changed by hand in the middle loses no key', async () => {
    const { step, versions } = rotator(SEALING, newKeyring());
    versions.begin('v1');
    await step('createSecret', 'v1');
    const { current, keys } = parseKeyring(versions.current() ?? '');
    const byHand = { current: 'hand', keys: { ...keys, hand: { key: randomBytes(32).toString('base64') } } };
    versions.store('by-hand', JSON.stringify(byHand));
    await expect(step('finishSecret', 'v1')).rejects.toThrow('lacks hand');
    expect(parseKeyring(versions.current() ?? '')).toMatchObject({ current: 'hand' });
    expect(current).toBe('k0');
  });
});

describe.each([
  [OAUTH, () => JSON.stringify(pair)],
  [SEALING, newKeyring],
])('the rotation of %s', (name, first) => {
  test.each(STEPS)('with %s called twice is the same rotation', async (twice) => {
    const { step, versions } = rotator(name, first());
    versions.begin('v1');
    let afterwards: string | undefined;
    for (const one of STEPS) {
      await step(one, 'v1');
      afterwards = versions.values.get('v1');
      if (one === twice) await step(one, 'v1');
      expect(versions.values.get('v1')).toBe(afterwards);
    }
    expect(versions.current()).toBe(afterwards);
  });

  test.each(['setSecret', 'testSecret', 'finishSecret'])(
    'with %s first says that createSecret is missing, and changes nothing',
    async (early) => {
      const value = first();
      const { step, versions } = rotator(name, value);
      versions.begin('v1');
      await expect(step(early, 'v1')).rejects.toThrow(`${early} of ${name} was called before createSecret`);
      expect(versions.current()).toBe(value);
    },
  );

  test('that Secrets Manager has not begun says so', async () => {
    const { step } = rotator(name, first());
    await expect(step('createSecret', 'v1')).rejects.toThrow('has no pending version v1: start a rotation');
  });

  test('of a secret without a first value says so', async () => {
    const { step, versions } = rotator(name, undefined);
    versions.begin('v1');
    await expect(step('createSecret', 'v1')).rejects.toThrow('has no current value');
  });

  test('writes no value into its log, whatever goes wrong', async () => {
    const { rotate, lines, versions, faults, later } = rotator(name, first());
    const before = versions.current() ?? '';
    faults.logIn = () => Promise.reject(new Error('down'));
    await rotate('v1').catch(() => undefined);
    faults.logIn = async () => undefined;
    later(DAY);
    await rotate('v1');
    const texts = [before, ...versions.values.values()].flatMap(
      (value) => value.match(/[\w+/=-]{12,}/g) ?? [],
    );
    const secretTexts = texts.filter((one) => one.startsWith('secret-of') || one.length > 40);
    expect(secretTexts.length).toBeGreaterThan(0);
    for (const one of secretTexts) expect(lines.join('')).not.toContain(one);
  });
});

test.each([
  [{}, 'Step must be one of createSecret, setSecret, testSecret, finishSecret'],
  [null, 'Step must be one of'],
  [{ Step: 'dropSecret', SecretId: 's', ClientRequestToken: 'v' }, 'Step must be one of'],
  [{ Step: 'createSecret', SecretId: 's' }, 'SecretId and ClientRequestToken must be texts'],
])('the event %j is refused', async (event, message) => {
  const { handler } = rotator(OAUTH, JSON.stringify(pair));
  await expect(handler(event)).rejects.toThrow(message);
});

test('a secret that is none of ours is left alone', async () => {
  const { step, versions } = rotator('somebody/else', 'x');
  versions.begin('v1');
  await expect(step('createSecret', 'v1')).rejects.toThrow('somebody/else is none of the secrets');
});
