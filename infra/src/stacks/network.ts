import { DefaultSecurityGroup } from '@cdktn/provider-aws/lib/default-security-group/index.js';
import { RouteTable } from '@cdktn/provider-aws/lib/route-table/index.js';
import { RouteTableAssociation } from '@cdktn/provider-aws/lib/route-table-association/index.js';
import { Subnet } from '@cdktn/provider-aws/lib/subnet/index.js';
import { Vpc } from '@cdktn/provider-aws/lib/vpc/index.js';
import type { Construct } from 'constructs';
import { natGateways } from '../constructs/nat-gateways.ts';
import { securityGroups } from '../constructs/security-groups.ts';
import { tokenStore } from '../constructs/token-store.ts';
import { vpcEndpoints } from '../constructs/vpc-endpoints.ts';
import type { Names } from '../names.ts';
import { isCaller, type NetworkSettings } from '../network-settings.ts';
import type { StageConfig } from '../stage.ts';

/** What each kind of subnet takes of the range: the third number of its first address, and how far the next zone's is. */
const PLAN = {
  private: { first: 0, step: 16, bits: 20 },
  outward: { first: 64, step: 16, bits: 20 },
  public: { first: 128, step: 1, bits: 24 },
} as const;

/** Private ones lead nowhere; outward ones lead through a NAT gateway, which stands in a public one. */
export type SubnetKind = keyof typeof PLAN;

/** A subnet with a route table of its own. */
export interface RoutedSubnet {
  readonly zone: string;
  readonly subnet: Subnet;
  readonly routeTable: RouteTable;
}

/** The stage, its network, and its names. */
export interface NetworkProps {
  readonly stage: StageConfig;
  readonly network: NetworkSettings;
  readonly names: Names;
}

/** A VPC in which functions reach AWS without the internet, and Genesys Cloud, those that call it, from fixed addresses. */
export function network(scope: Construct, { stage, network: settings, names }: NetworkProps): void {
  const vpc = new Vpc(scope, 'vpc', {
    cidrBlock: settings.cidr,
    enableDnsSupport: true,
    enableDnsHostnames: true,
    tags: { Name: names.vpc },
  });
  // AWS makes one that lets its members talk to each other and to everybody; nothing is in it, and nothing can be.
  new DefaultSecurityGroup(scope, 'unused', { vpcId: vpc.id });
  const subnets = (kind: SubnetKind) => subnetsOf(scope, kind, { stage, settings, names, vpcId: vpc.id });
  const callsOut = settings.functions.some(isCaller);
  const inward = subnets('private');
  const outward = callsOut ? subnets('outward') : [];
  if (callsOut) natGateways(scope, { vpcId: vpc.id, publicSubnets: subnets('public'), outward, names });

  const groups = securityGroups(scope, { vpcId: vpc.id, names, hasTokenStore: settings.tokenStore ?? false });
  vpcEndpoints(scope, {
    ...{ stage, vpcId: vpc.id, groups },
    subnetIds: inward.map(({ subnet }) => subnet.id),
    routeTableIds: [...inward, ...outward].map(({ routeTable }) => routeTable.id),
  });
  if (groups.tokenStore)
    tokenStore(scope, { subnetIds: inward.map(({ subnet }) => subnet.id), group: groups.tokenStore, names });
}

interface SubnetsProps {
  readonly stage: StageConfig;
  readonly settings: NetworkSettings;
  readonly names: Names;
  readonly vpcId: string;
}

function subnetsOf(scope: Construct, kind: SubnetKind, props: SubnetsProps): readonly RoutedSubnet[] {
  const { stage, settings, names, vpcId } = props;
  return settings.zones.map((zone, index) => {
    const id = `${kind}_${zone}`;
    const tags = { Name: names.subnet(kind, zone) };
    const subnet = new Subnet(scope, id, {
      vpcId,
      availabilityZone: `${stage.region}${zone}`,
      cidrBlock: rangeOf(settings.cidr, kind, index),
      mapPublicIpOnLaunch: false,
      tags,
    });
    const routeTable = new RouteTable(scope, `${id}_routes`, { vpcId, tags });
    new RouteTableAssociation(scope, `${id}_routing`, { subnetId: subnet.id, routeTableId: routeTable.id });
    return { zone, subnet, routeTable };
  });
}

/** Of `10.20.0.0/16` the second outward subnet is `10.20.80.0/20`. */
function rangeOf(cidr: string, kind: SubnetKind, index: number): string {
  const { first, step, bits } = PLAN[kind];
  const [a, b] = cidr.split('.');
  return `${a}.${b}.${first + step * index}.0/${bits}`;
}
