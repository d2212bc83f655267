import { SecurityGroup } from '@cdktn/provider-aws/lib/security-group/index.js';
import { VpcSecurityGroupEgressRule } from '@cdktn/provider-aws/lib/vpc-security-group-egress-rule/index.js';
import { VpcSecurityGroupIngressRule } from '@cdktn/provider-aws/lib/vpc-security-group-ingress-rule/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../names.ts';

export const HTTPS_PORT = 443;

/** Valkey's own, and its reader's. */
const TOKEN_STORE_PORTS = [6_379, 6_380] as const;

/** Who may talk to whom in a network. */
export interface SecurityGroups {
  /** Functions that stay inside. */
  readonly functions: SecurityGroup;
  /** Functions that call Genesys Cloud. */
  readonly callers: SecurityGroup;
  readonly endpoints: SecurityGroup;
  readonly tokenStore: SecurityGroup | undefined;
}

/** Where, and whether there is a store of tokens. */
export interface SecurityGroupsProps {
  readonly vpcId: string;
  readonly names: Names;
  readonly hasTokenStore: boolean;
}

/** A group for each part, and between them the connections that there are; nothing comes in from outside. */
export function securityGroups(
  scope: Construct,
  { vpcId, names, hasTokenStore }: SecurityGroupsProps,
): SecurityGroups {
  const group = (part: 'functions' | 'callers' | 'endpoints' | 'token-store', description: string) =>
    new SecurityGroup(scope, `${part.replace('-', '_')}_group`, {
      vpcId,
      name: names.securityGroup(part),
      description,
    });
  const functions = group('functions', 'Functions that reach AWS and nothing else.');
  const callers = group('callers', 'Functions that call Genesys Cloud.');
  const endpoints = group('endpoints', 'Where AWS is reached without the internet.');
  connect(scope, functions, endpoints, [HTTPS_PORT]);
  connect(scope, callers, endpoints, [HTTPS_PORT]);
  new VpcSecurityGroupEgressRule(scope, 'callers_out', {
    securityGroupId: callers.id,
    description: 'Genesys Cloud and its storage have no fixed addresses.',
    cidrIpv4: '0.0.0.0/0',
    ipProtocol: 'tcp',
    fromPort: HTTPS_PORT,
    toPort: HTTPS_PORT,
  });
  const tokenStore = hasTokenStore ? group('token-store', 'Tokens that functions share.') : undefined;
  if (tokenStore) connect(scope, callers, tokenStore, TOKEN_STORE_PORTS);
  return { functions, callers, endpoints, tokenStore };
}

function connect(scope: Construct, from: SecurityGroup, to: SecurityGroup, ports: readonly number[]): void {
  const [first = 0] = ports;
  const rule = { ipProtocol: 'tcp', fromPort: first, toPort: ports.at(-1) ?? first };
  const id = `${from.node.id}_to_${to.node.id}`;
  new VpcSecurityGroupEgressRule(scope, `${id}_out`, {
    ...rule,
    securityGroupId: from.id,
    referencedSecurityGroupId: to.id,
  });
  new VpcSecurityGroupIngressRule(scope, `${id}_in`, {
    ...rule,
    securityGroupId: to.id,
    referencedSecurityGroupId: from.id,
  });
}
