import { expect, test } from '@jest/globals';
import { judgeLanded } from './judge-landed.ts';
import type { Landed, LandedRow } from './read-landed.ts';

const factId = (eventId: string) => `main/${eventId}/aftercall.outcome.recorded`;
const fact = (eventId: string) => ({
  ...{ id: factId(eventId), org: 'main', type: 'aftercall.outcome.recorded' },
  ...{ conversationId: 'c1', publications: 1 },
});
const row = (eventId: string, violations = 0): LandedRow => ({
  ...{ org: 'main', eventId, day: '2026-11-20', sentiment: 'negative', violations },
  ...{ conversationId: 'c1', hasTranscript: true },
});
const LANDED: Landed = {
  lake: { files: 1, rows: [row('e1'), row('e2', 2)] },
  qaFacts: { default: [], fraud: [factId('e2')], conduct: [factId('e2')] },
  crm: new Map([
    [factId('e1'), 1],
    [factId('e2'), 1],
  ]),
  transcripts: new Map([['transcripts/org=main/c1/k1.json.gz', 5_000]]),
};
const FACTS = [fact('e1'), fact('e2')];

test('what is in the lake, at the CRM and, with violations, in a queue of each team has landed', () => {
  expect(judgeLanded(FACTS, LANDED)).toEqual({ notLanded: [], landedTwice: [] });
});

test('an outcome that one place lacks is named with the place', () => {
  expect(judgeLanded([...FACTS, fact('e3')], LANDED).notLanded).toEqual([
    `${factId('e3')}: lake`,
    `${factId('e3')}: CRM`,
  ]);
  expect(judgeLanded(FACTS, { ...LANDED, qaFacts: { default: [] } }).notLanded).toEqual([
    `${factId('e2')}: QA queues`,
  ]);
  const neverTaken = new Map([...LANDED.crm, [factId('e1'), 0]] as const);
  expect(judgeLanded(FACTS, { ...LANDED, crm: neverTaken }).notLanded).toEqual([`${factId('e1')}: CRM`]);
});

test('an outcome is named whose transcript is not stored, unless it has none', () => {
  const without = { ...row('e1'), hasTranscript: false };
  const ofAnother = new Map([['transcripts/org=main/c2/k1.json.gz', 5_000]]);
  const landed = { ...LANDED, lake: { files: 1, rows: [without, row('e2')] }, transcripts: ofAnother };
  expect(judgeLanded(FACTS, landed).notLanded).toEqual([`${factId('e2')}: transcript`]);
});

test('an outcome that one place has twice is named with the place', () => {
  const twice: Landed = {
    transcripts: LANDED.transcripts,
    lake: { files: 2, rows: [...LANDED.lake.rows, row('e1')] },
    qaFacts: { ...LANDED.qaFacts, fraud: [factId('e2'), factId('e2')] },
    crm: LANDED.crm,
  };
  expect(judgeLanded(FACTS, twice).landedTwice).toEqual([
    `${factId('e1')}: lake`,
    `${factId('e2')}: QA queue fraud`,
  ]);
});

test('the CRM may hear of an outcome again, under the same id', () => {
  const toldAgain = new Map([...LANDED.crm, [factId('e2'), 2]] as const);
  expect(judgeLanded(FACTS, { ...LANDED, crm: toldAgain }).landedTwice).toEqual([]);
});
