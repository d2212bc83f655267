import { Eip } from '@cdktn/provider-aws/lib/eip/index.js';
import { InternetGateway } from '@cdktn/provider-aws/lib/internet-gateway/index.js';
import { NatGateway } from '@cdktn/provider-aws/lib/nat-gateway/index.js';
import { Route } from '@cdktn/provider-aws/lib/route/index.js';
import { SsmParameter } from '@cdktn/provider-aws/lib/ssm-parameter/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../names.ts';
import type { RoutedSubnet } from '../stacks/network.ts';

const EVERYWHERE = '0.0.0.0/0';

/** From which subnets to get out, and through which. */
export interface NatGatewaysProps {
  readonly vpcId: string;
  readonly publicSubnets: readonly RoutedSubnet[];
  readonly outward: readonly RoutedSubnet[];
  readonly names: Names;
}

/** A way out of each zone, from an address that stays the same, and those addresses for the OAuth client's list of allowed ones. */
export function natGateways(
  scope: Construct,
  { vpcId, publicSubnets, outward, names }: NatGatewaysProps,
): void {
  const internet = new InternetGateway(scope, 'internet', { vpcId, tags: { Name: names.vpc } });
  const addresses = publicSubnets.map(({ zone, subnet, routeTable }, index) => {
    new Route(scope, `public_${zone}_out`, {
      routeTableId: routeTable.id,
      destinationCidrBlock: EVERYWHERE,
      gatewayId: internet.id,
    });
    const tags = { Name: names.subnet('public', zone) };
    const address = new Eip(scope, `nat_${zone}_address`, { domain: 'vpc', tags });
    const gateway = new NatGateway(scope, `nat_${zone}`, {
      allocationId: address.id,
      subnetId: subnet.id,
      tags,
      dependsOn: [internet],
    });
    const from = outward[index];
    if (from)
      new Route(scope, `outward_${zone}_out`, {
        routeTableId: from.routeTable.id,
        destinationCidrBlock: EVERYWHERE,
        natGatewayId: gateway.id,
      });
    return address.publicIp;
  });
  new SsmParameter(scope, 'addresses', {
    name: names.outwardAddressesParameter,
    description:
      'Genesys Cloud is called from these, for the list of allowed addresses of its OAuth clients.',
    type: 'String',
    value: addresses.join(','),
  });
}
