import { expect, test } from '@jest/globals';
import { genesysCallers, type GenesysStage, stageNamed } from '@aftercall/infra';
import { connect } from './connect.ts';
import { stageGenesys } from './genesys-clients.ts';

const dev = stageNamed('dev');
const { genesys: _genesys, partner: _partner, transcripts, backfill: _backfill, rotation, ...bare } = dev;
const org = { org: 'acme', region: 'eu-central-1' };
const secretName = (name: string, app: string) => `${name}/${app}`;
const clientsOf = (more: Partial<GenesysStage>) => {
  const stage = { ...bare, genesys: [org], ...more };
  return stageGenesys(stage, genesysCallers(stage), secretName).clients;
};
const functionsOf = (more: Partial<GenesysStage>) => clientsOf(more).map((one) => one.function);

test('a function logs in to the organisations that it has work in', () => {
  expect(functionsOf({})).toEqual([]);
  expect(functionsOf({ ...(transcripts && { transcripts }) })).toEqual(['transcript-fetcher']);
  const eventSourceName = 'aws.partner/genesys.com/cloud/11111111-2222-3333-4444-555555555555/x';
  expect(functionsOf({ partner: [{ eventSourceName, key: 'acme' }] })).toEqual(['partner-ingest']);
  expect(functionsOf({ partner: [{ eventSourceName, key: 'acme', org: 'other' }] })).toEqual([]);
});

test('the compliance router logs in when a rule has a tag', () => {
  const { rules } = bare.compliance;
  const tagging = { ...rules, rules: rules.rules.map((rule) => ({ ...rule, tag: 'seen' })) };
  expect(functionsOf({ compliance: { ...bare.compliance, rules: tagging } })).toEqual(['compliance-router']);
});

test('who rotates clients logs in everywhere', () => {
  expect(functionsOf({ ...(rotation && { rotation }) })).toEqual(['secret-rotator']);
});

test('a client is reached where its organisation is', () => {
  expect(clientsOf({ ...(transcripts && { transcripts }) })).toMatchObject([
    {
      org: 'acme',
      tokenUrl: 'https://login.mypurecloud.de/oauth/token',
      apiBaseUrl: 'https://api.mypurecloud.de',
      secretName: 'acme/transcript-fetcher',
    },
  ]);
});

test('a stage on AWS has the queues of its sections and of no other, and its OAuth clients', async () => {
  const access = await connect({ stage: 'dev', cwd: '/', repositoryRoot: '/' });
  access.close();
  const { queueUrls, deadLetterQueueUrls, qaQueueUrls } = access.resources;
  const functions = ['events', 'lake', 'compliance', 'transcript', 'partner-inbox', 'backfill'];
  expect(Object.keys(queueUrls)).toEqual(functions);
  expect(queueUrls['partner-inbox']).toBe(
    'https://sqs.eu-west-1.amazonaws.com/111122223333/aftercall-dev-partner-inbox',
  );
  expect(Object.keys(qaQueueUrls)).toEqual(['default', 'fraud', 'conduct']);
  expect(Object.keys(deadLetterQueueUrls)).toEqual([
    ...functions,
    'crm',
    ...['qa-default', 'qa-fraud', 'qa-conduct'],
  ]);
  const { clients, partnerOrgs } = await access.genesys();
  expect(clients.map((one) => one.secretName)).toEqual([
    'aftercall/dev/genesys/main/partner-ingest',
    'aftercall/dev/genesys/main/transcript-fetcher',
    'aftercall/dev/genesys/main/backfill',
    'aftercall/dev/genesys/main/secret-rotator',
  ]);
  expect(partnerOrgs).toEqual(['main']);
});
