import { ElasticacheServerlessCache } from '@cdktn/provider-aws/lib/elasticache-serverless-cache/index.js';
import type { SecurityGroup } from '@cdktn/provider-aws/lib/security-group/index.js';
import { SsmParameter } from '@cdktn/provider-aws/lib/ssm-parameter/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../names.ts';
import { stageKeyArn } from './stage-key.ts';

/** The least that there is of either: tokens are few and small. */
const LIMITS = {
  dataStorage: [{ maximum: 1, unit: 'GB' }],
  ecpuPerSecond: [{ maximum: 1_000 }],
};

/** Where the store is, and who reaches it. */
export interface TokenStoreProps {
  readonly subnetIds: readonly string[];
  readonly group: SecurityGroup;
  readonly names: Names;
}

/** ElastiCache Serverless with Valkey, over TLS as always there, without copies: what is lost is asked for again. */
export function tokenStore(scope: Construct, { subnetIds, group, names }: TokenStoreProps): void {
  const keyArn = stageKeyArn(scope);
  const cache = new ElasticacheServerlessCache(scope, 'token_store', {
    name: names.tokenStore,
    description: 'OAuth tokens of Genesys Cloud that functions share.',
    engine: 'valkey',
    subnetIds: [...subnetIds],
    securityGroupIds: [group.id],
    cacheUsageLimits: [LIMITS],
    ...(keyArn !== undefined && { kmsKeyId: keyArn }),
  });
  const endpoint = cache.endpoint.get(0);
  new SsmParameter(scope, 'token_store_url', {
    name: names.tokenStoreUrlParameter,
    description: 'What the secret token-store has to say.',
    type: 'String',
    value: `rediss://${endpoint.address}:${endpoint.port}`,
  });
}
