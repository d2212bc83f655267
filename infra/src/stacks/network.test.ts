import { describe, expect, test } from '@jest/globals';
import { GENESYS_CALLERS } from '../network-settings.ts';
import { validStage, type StageConfig } from '../stage.ts';
import { stageNamed } from '../stages.ts';
import { APP_NAMES } from '../synth.ts';
import {
  environmentOf,
  resources,
  roleStatements,
  synthesisedStacks,
  type Block,
} from '../synthesised-stacks.ts';

const dev = stageNamed('dev');
const fullStage = stageNamed('full');
const stacks = synthesisedStacks(fullStage);
const { network } = stacks;
const settings = { cidr: '10.20.0.0/16', zones: ['a'], functions: ['processor'] };
const withNetwork = (change: object, of: StageConfig = dev) => ({
  ...of,
  network: { ...settings, ...change },
});
const INSIDE = fullStage.network?.functions ?? [];

const blocks = (type: string): readonly Block[] => Object.values(resources(network, type));

test('the network of a stage with everything is what was reviewed', () => {
  expect(network).toMatchSnapshot();
});

test('no two subnets overlap, and all lie in the range', () => {
  const ranges = blocks('aws_subnet').map(({ cidr_block }) => {
    const [, third = '', bits = ''] = /^10\.20\.(\d+)\.0\/(\d+)$/.exec(String(cidr_block)) ?? [];
    return { from: Number(third), to: Number(third) + 2 ** (24 - Number(bits)) };
  });
  expect(ranges).toHaveLength(9);
  const sorted = ranges.toSorted((a, b) => a.from - b.from);
  sorted.reduce((before, range) => {
    expect(range.from).toBeGreaterThanOrEqual(before);
    return range.to;
  }, 0);
  expect(sorted.at(-1)?.to).toBeLessThanOrEqual(256);
});

test('no subnet gives its members public addresses', () => {
  for (const subnet of blocks('aws_subnet')) expect(subnet.map_public_ip_on_launch).toBe(false);
});

test('what stays inside has no route out', () => {
  const routes = blocks('aws_route').map(({ route_table_id }) => route_table_id);
  expect(routes.filter((id) => String(id).includes('private'))).toEqual([]);
  expect(routes).toHaveLength(6);
});

test('each zone has a way out of its own, from an address that is published', () => {
  for (const zone of ['a', 'b', 'c']) {
    expect(resources(network, 'aws_route')[`outward_${zone}_out`]).toMatchObject({
      route_table_id: `\${aws_route_table.outward_${zone}_routes.id}`,
      nat_gateway_id: `\${aws_nat_gateway.nat_${zone}.id}`,
    });
  }
  expect(resources(network, 'aws_ssm_parameter').addresses).toMatchObject({
    name: '/aftercall/full/network/addresses',
    value:
      '${aws_eip.nat_a_address.public_ip},${aws_eip.nat_b_address.public_ip},${aws_eip.nat_c_address.public_ip}',
  });
});

test('without a function that calls Genesys Cloud there is no way out, and nothing paid for one', () => {
  const inward = synthesisedStacks(validStage(withNetwork({}))).network;
  expect(JSON.stringify(inward)).not.toMatch(/aws_(nat_gateway|internet_gateway|eip|route)"/);
  expect(Object.keys(resources(inward, 'aws_subnet'))).toEqual(['private_a']);
});

test('S3 and DynamoDB are reached by routes, the other services that functions call by addresses inside', () => {
  const services = (kind: string) =>
    blocks('aws_vpc_endpoint')
      .filter(({ vpc_endpoint_type }) => vpc_endpoint_type === kind)
      .map(({ service_name }) => String(service_name).replace('com.amazonaws.eu-west-1.', ''));
  expect(services('Gateway').toSorted()).toEqual(['dynamodb', 's3']);
  expect(services('Interface').toSorted()).toEqual([
    'events',
    'kms',
    'logs',
    'secretsmanager',
    'sqs',
    'ssm',
    'states',
  ]);
});

test('every service that a role inside may call has an endpoint', () => {
  const reached = Object.keys(resources(network, 'aws_vpc_endpoint'));
  const elsewhere = ['xray', 'ec2'];
  for (const app of APP_NAMES.filter((one) => INSIDE.includes(one))) {
    const services = roleStatements(stacks[app]).flatMap(({ Action }) =>
      Action.map((one) => one.split(':')[0]),
    );
    for (const service of services.filter((one) => !elsewhere.includes(String(one))))
      expect({ app, reached }).toEqual({ app, reached: expect.arrayContaining([service]) });
  }
});

test('an endpoint serves this account alone, but for transcripts whose URL another one has signed', () => {
  for (const [service, { policy }] of Object.entries(resources(network, 'aws_vpc_endpoint'))) {
    const { Statement } = JSON.parse(String(policy)) as { Statement: Record<string, unknown>[] };
    const [own, ...more] = Statement;
    expect(own?.Condition).toEqual({ StringEquals: { 'aws:PrincipalAccount': '111122223333' } });
    expect(more.map(({ Effect, Action }) => [Effect, Action])).toEqual(
      service === 's3' ? [['Allow', 's3:GetObject']] : [],
    );
  }
});

test('nothing comes in from outside, and only those who call Genesys Cloud get out', () => {
  for (const rule of blocks('aws_vpc_security_group_ingress_rule'))
    expect(rule).not.toHaveProperty('cidr_ipv4');
  const out = blocks('aws_vpc_security_group_egress_rule').filter(({ cidr_ipv4 }) => cidr_ipv4 !== undefined);
  expect(out).toMatchObject([
    { security_group_id: '${aws_security_group.callers_group.id}', from_port: 443, to_port: 443 },
  ]);
  expect(resources(network, 'aws_default_security_group').unused).toEqual({ vpc_id: '${aws_vpc.vpc.id}' });
});

test.each(APP_NAMES)(
  '%s is in the network when the stage says so, with what it needs for that and no more',
  (app) => {
    const lambda = resources(stacks[app], 'aws_lambda_function')[app];
    const statement = roleStatements(stacks[app]).find(({ Sid }) => Sid === 'NetworkInterfaces');
    if (!INSIDE.includes(app)) {
      expect(lambda).not.toHaveProperty('vpc_config');
      expect(statement).toBeUndefined();
      return;
    }
    const isCaller = GENESYS_CALLERS.some((one) => one === app);
    expect(lambda?.vpc_config).toEqual({
      subnet_ids: ['a', 'b', 'c'].map((zone) => `\${data.aws_subnet.subnet_${zone}.id}`),
      security_group_ids: ['${data.aws_security_group.group.id}'],
    });
    expect(stacks[app].data?.aws_security_group?.group?.name).toBe(
      isCaller ? 'aftercall-full-callers' : 'aftercall-full-functions',
    );
    expect(stacks[app].data?.aws_subnet?.subnet_b?.tags).toEqual({
      Name: `aftercall-full-${isCaller ? 'outward' : 'private'}-b`,
    });
    expect(statement?.Condition).toEqual({ Null: { 'lambda:SourceFunctionArn': ['true'] } });
  },
);

test('by default there is no network, and ingest is in none', () => {
  expect(synthesisedStacks('dev')).not.toHaveProperty('network');
  expect(INSIDE).not.toContain('ingest');
});

test.each(APP_NAMES)('%s counts as a caller of Genesys Cloud when it is told of organisations', (app) => {
  const isTold = environmentOf(stacks[app]).GENESYS_ORGS !== undefined;
  expect(GENESYS_CALLERS.some((one) => one === app)).toBe(isTold);
});

test('what a function looks up is what the network makes', () => {
  const made = (type: string) => blocks(type).map(({ name, tags }) => name ?? (tags as Block).Name);
  for (const app of APP_NAMES) {
    const { aws_subnet = {}, aws_security_group = {} } = stacks[app].data ?? {};
    for (const { tags } of Object.values(aws_subnet))
      expect(made('aws_subnet')).toContain((tags as Block).Name);
    for (const { name } of Object.values(aws_security_group))
      expect(made('aws_security_group')).toContain(name);
  }
});

describe('the store of tokens', () => {
  test('is a small Valkey, encrypted, that only callers reach', () => {
    expect(blocks('aws_elasticache_serverless_cache')).toMatchObject([
      {
        engine: 'valkey',
        kms_key_id: '${data.aws_kms_alias.stage_key.target_key_arn}',
        security_group_ids: ['${aws_security_group.token_store_group.id}'],
        cache_usage_limits: [{ data_storage: [{ maximum: 1, unit: 'GB' }] }],
      },
    ]);
    const into = blocks('aws_vpc_security_group_ingress_rule').filter(
      ({ security_group_id }) => security_group_id === '${aws_security_group.token_store_group.id}',
    );
    expect(into.map(({ referenced_security_group_id }) => referenced_security_group_id)).toEqual([
      '${aws_security_group.callers_group.id}',
    ]);
  });

  test('says what its secret has to say, over TLS', () => {
    const { value } = resources(network, 'aws_ssm_parameter').token_store_url ?? {};
    expect(value).toMatch(/^rediss:\/\/\$\{aws_elasticache_serverless_cache\.token_store\.endpoint/);
  });

  test('is there only for a stage that asks for it', () => {
    const { tokenStore: _, ...without } = { ...fullStage.network };
    const stage = validStage(withNetwork(without, fullStage));
    expect(JSON.stringify(synthesisedStacks(stage).network)).not.toMatch(/elasticache|token_store/);
  });
});

test.each<[string, object, string]>([
  ['a public range', { cidr: '8.8.0.0/16' }, 'network.cidr: must be a private range'],
  ['a range of another size', { cidr: '10.20.0.0/24' }, 'network.cidr: must be a private range'],
  ['no zone', { zones: [] }, 'network.zones: must list one to three zones'],
  ['a zone twice', { zones: ['a', 'a'] }, 'network.zones: must list one to three zones'],
  ['a zone by its whole name', { zones: ['eu-west-1a'] }, 'network.zones[0]: must be the letter'],
  ['an app that is not there', { functions: ['moon'] }, 'network.functions[0]: must be one of ingest, '],
  ['nothing in it', { functions: [] }, 'network.functions: must list at least one app'],
  ['a store that nobody uses', { tokenStore: true }, 'network.tokenStore: needs an organisation'],
])('a network with %s is refused', (_, change, problem) => {
  expect(() => synthesisedStacks(withNetwork(change) as StageConfig)).toThrow(`bad stage:\n  ${problem}`);
});

test('a function that shares tokens must be where they are', () => {
  const stage = withNetwork(
    { tokenStore: true, zones: ['a', 'b', 'c'], functions: ['partner-ingest', 'backfill'] },
    fullStage,
  );
  expect(() => synthesisedStacks(stage as StageConfig)).toThrow(
    /network\.functions: must list compliance-router, [^]*must list transcript-fetcher, /,
  );
});
