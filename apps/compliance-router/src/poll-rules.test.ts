import { describe, expect, test } from '@jest/globals';
import type { ComplianceRules } from '@aftercall/schemas';
import { createLogger } from '@aftercall/telemetry';
import { memoryRulesStore } from './memory-rules-store.ts';
import { pollRules } from './poll-rules.ts';
import { someRules, someTeams } from './sample-facts.ts';

const outage = Object.assign(new Error('busy'), { name: 'SlowDown', $metadata: { httpStatusCode: 503 } });
const denied = Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });

const good = JSON.stringify(someRules);
/** Rules that are told apart by their default. */
const rulesDue = (defaultDueWithinSeconds: number): string =>
  JSON.stringify({ ...someRules, defaultDueWithinSeconds } satisfies ComplianceRules);
const unknownField = JSON.stringify({ ...someRules, version: 2 });
const unknownTeam = good.replaceAll('"security"', '"securty"');

/** A container of the router as far as its rules go, its clock in the test's hand. */
function container(store = memoryRulesStore()) {
  const clock = { now: new Date('2026-11-20T14:05:00.000Z') };
  const lines: Record<string, unknown>[] = [];
  const counted: string[] = [];
  const rules = pollRules({
    store,
    teams: someTeams,
    pollSeconds: 60,
    log: createLogger({
      function: 'test',
      destination: { write: (line) => void lines.push(JSON.parse(line)) },
    }),
    metrics: { count: (name, _n, dimensions) => void counted.push(`${name} ${dimensions?.['Reason']}`) },
    now: () => clock.now,
  });
  const later = (seconds: number) => void (clock.now = new Date(clock.now.getTime() + seconds * 1000));
  const due = async () => (await rules()).defaultDueWithinSeconds;
  const errors = () => lines.filter(({ level }) => level === 'error');
  return { store, rules, due, later, lines, errors, counted };
}

describe('the rules', () => {
  test('are read once, and asked for again when the time is up, only if they changed', async () => {
    const { store, rules, later } = container();
    store.put(good);
    await rules();
    later(59);
    await rules();
    expect(store.calls()).toEqual(['read']);
    later(1);
    await rules();
    await rules();
    expect(store.calls()).toEqual(['read', 'read if changed']);
  });

  test('change within a poll', async () => {
    const { store, due, later } = container();
    store.put(rulesDue(100));
    expect(await due()).toBe(100);
    store.put(rulesDue(200));
    expect(await due()).toBe(100);
    later(60);
    expect(await due()).toBe(200);
  });

  test('are asked for once, however many wait for them', async () => {
    const { store, due } = container();
    store.put(rulesDue(100));
    expect(await Promise.all([due(), due(), due()])).toEqual([100, 100, 100]);
    expect(store.calls()).toEqual(['read']);
  });

  test('that are bad are refused: the last good ones stay, what is wrong is said once and counted at each poll', async () => {
    const { store, due, later, errors, counted } = container();
    store.put(rulesDue(100));
    await due();
    store.put(unknownField);
    for (let poll = 0; poll < 3; poll += 1) {
      later(60);
      expect(await due()).toBe(100);
    }
    expect(errors()).toMatchObject([
      {
        reason: 'invalid-rules',
        errors: '/version: is not a known field',
        inForce: 'the last good rule set',
        etag: expect.any(String),
      },
    ]);
    expect(counted).toEqual(Array(3).fill('Rejected invalid-rules'));
    store.put('{');
    later(60);
    await due();
    expect(errors()).toHaveLength(2);
    store.put(rulesDue(300));
    later(60);
    expect(await due()).toBe(300);
    later(60);
    await due();
    expect(counted).toHaveLength(4);
  });

  test('that name a team without a queue are bad as a whole, and the rule is named', async () => {
    const { store, due, errors } = container();
    store.put(rulesDue(100));
    store.put(unknownTeam);
    expect(await due()).toBe(100);
    expect(errors()[0]?.['errors']).toContain(
      'rule card-data names securty, which has no QA queue in this stage',
    );
  });

  test('of which much is wrong do not fill the log', async () => {
    const { store, due, errors } = container();
    store.put(JSON.stringify({ ...someRules, ...Object.fromEntries(Array(500).fill(0).entries()) }));
    await due();
    expect(String(errors()[0]?.['errors']).split('; ')).toHaveLength(20);
  });

  test('stay while the store cannot be asked, which is tried again after a poll and not at each message', async () => {
    const { store, due, later, lines, counted } = container();
    store.put(rulesDue(100));
    await due();
    store.fail(outage);
    later(60);
    expect(await due()).toBe(100);
    expect(await due()).toBe(100);
    expect(store.calls()).toHaveLength(2);
    expect(lines.at(-1)).toMatchObject({ level: 'warn', err: { name: 'SlowDown' } });
    store.fail(undefined);
    store.put(rulesDue(200));
    later(60);
    expect(await due()).toBe(200);
    expect(counted).toEqual([]);
  });

  test('stay when their object is taken away, which is an error', async () => {
    const { store, due, later, errors } = container();
    store.put(rulesDue(100));
    await due();
    store.remove();
    later(60);
    expect(await due()).toBe(100);
    expect(errors()).toMatchObject([
      { reason: 'no-rules', errors: 'NoSuchKey', inForce: 'the last good rule set' },
    ]);
  });
});

describe('a container that starts', () => {
  test('beside a bad rule set goes by the last good one before it', async () => {
    const { store, due, errors } = container();
    for (const text of [rulesDue(100), rulesDue(200), unknownField, unknownTeam, '{']) store.put(text);
    expect(await due()).toBe(200);
    expect(errors()).toMatchObject([{ reason: 'invalid-rules', inForce: 'the last good rule set' }]);
  });

  test('and asks for the history once, not at each poll', async () => {
    const { store, due, later } = container();
    for (const text of [rulesDue(100), '{']) store.put(text);
    await due();
    later(60);
    await due();
    store.put('}');
    later(60);
    await due();
    expect(store.calls()).toEqual(['read', 'earlier versions', 'read if changed', 'read if changed']);
  });

  test.each([
    ['with no object at all', [], 'no-rules'],
    ['with nothing but bad ones', ['{', unknownTeam], 'invalid-rules'],
  ])('%s sends everything to the default queue, and says so', async (_case, texts, reason) => {
    const { store, rules, later, errors, counted } = container();
    for (const text of texts) store.put(text);
    const { findRule, defaultDueWithinSeconds } = await rules();
    expect(defaultDueWithinSeconds).toBe(86_400);
    expect(
      findRule({
        code: 'PCI_CARD_SPOKEN',
        category: null,
        severity: 'critical',
        queueId: null,
        agentId: null,
        mediaType: null,
        source: 'main',
      }),
    ).toBeUndefined();
    later(60);
    await rules();
    expect(errors()).toMatchObject([{ reason, inForce: 'no rule: everything goes to the default queue' }]);
    expect(counted).toEqual(Array(2).fill(`Rejected ${reason}`));
  });

  test('goes by the rules as soon as there are some', async () => {
    const { store, due, later } = container();
    expect(await due()).toBe(86_400);
    store.put(rulesDue(100));
    later(60);
    expect(await due()).toBe(100);
  });

  test('while the store cannot be asked waits for it: the message is tried again', async () => {
    const { store, due } = container();
    store.put(rulesDue(100));
    store.fail(outage);
    await expect(due()).rejects.toBe(outage);
    await expect(due()).rejects.toBe(outage);
    store.fail(undefined);
    expect(await due()).toBe(100);
  });

  test('waits for the history too', async () => {
    const store = memoryRulesStore();
    for (const text of [rulesDue(100), '{']) store.put(text);
    const history = { fails: true };
    const { due, errors } = container({
      ...store,
      earlierVersions: () => {
        if (history.fails) throw outage;
        return store.earlierVersions();
      },
    });
    await expect(due()).rejects.toBe(outage);
    expect(errors()).toEqual([]);
    history.fails = false;
    expect(await due()).toBe(100);
  });

  test('does not wait for a history that it may not read', async () => {
    const store = memoryRulesStore();
    store.put('{');
    const { due, lines } = container({
      ...store,
      earlierVersions: () => {
        throw denied;
      },
    });
    expect(await due()).toBe(86_400);
    expect(lines).toMatchObject([{ level: 'warn', err: { name: 'AccessDenied' } }, { level: 'error' }]);
  });
});
