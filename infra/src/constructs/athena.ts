import { AthenaNamedQuery } from '@cdktn/provider-aws/lib/athena-named-query/index.js';
import { AthenaWorkgroup } from '@cdktn/provider-aws/lib/athena-workgroup/index.js';
import type { GlueCatalogDatabase } from '@cdktn/provider-aws/lib/glue-catalog-database/index.js';
import type { Construct } from 'constructs';
import type { PageQuery } from '../lake-page.ts';
import type { Names } from '../names.ts';
import { bucket } from './bucket.ts';
import { stageKeyArn } from './stage-key.ts';

/** Whoever wants an answer again asks again. */
const RESULTS_DAYS = 7;

/** What is asked, of which database. */
export interface AthenaProps {
  readonly database: GlueCatalogDatabase;
  readonly maxBytesPerQuery: number;
  readonly queries: readonly PageQuery[];
  readonly names: Names;
}

/** A workgroup whose queries cannot read without bound and whose answers are encrypted and go away, and the queries of docs/lake.md. */
export function athena(
  scope: Construct,
  { database, maxBytesPerQuery, queries, names }: AthenaProps,
): AthenaWorkgroup {
  const results = bucket(scope, 'results', {
    name: names.queryResultsBucket,
    expireAfterDays: RESULTS_DAYS,
  });
  const keyArn = stageKeyArn(scope);
  const workgroup = new AthenaWorkgroup(scope, 'workgroup', {
    name: names.workgroup,
    configuration: {
      enforceWorkgroupConfiguration: true,
      publishCloudwatchMetricsEnabled: true,
      bytesScannedCutoffPerQuery: maxBytesPerQuery,
      engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
      resultConfiguration: {
        outputLocation: `s3://${results.bucket}/`,
        encryptionConfiguration:
          keyArn === undefined
            ? { encryptionOption: 'SSE_S3' }
            : { encryptionOption: 'SSE_KMS', kmsKeyArn: keyArn },
      },
    },
  });
  for (const { heading, sql } of queries) {
    new AthenaNamedQuery(scope, `query_${heading.toLowerCase().replaceAll(/\W+/g, '_')}`, {
      name: heading,
      description: 'Of docs/lake.md.',
      database: database.name,
      workgroup: workgroup.name,
      query: sql,
    });
  }
  return workgroup;
}
