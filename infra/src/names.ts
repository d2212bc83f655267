import type { AppName } from './app-stacks.ts';
import type { RouteName } from './routing.ts';
import type { StageConfig } from './stage.ts';

/** Every physical name of a stage. Stacks find each other through these and share nothing else. */
export function names(stage: StageConfig) {
  const prefix = `aftercall-${stage.name}`;
  // Bucket names are shared by all of AWS; the laptop has them to itself.
  const bucketSuffix = stage.name === 'local' ? '' : `-${stage.account}`;
  return {
    eventsQueue: `${prefix}-events.fifo`,
    eventsDeadLetterQueue: `${prefix}-events-dead.fifo`,
    ledgerTable: `${prefix}-ledger`,
    conversationsTable: stage.conversationsTable ?? `${prefix}-conversations`,
    setAsideTable: `${prefix}-set-aside`,
    deliveriesBucket: `${prefix}-deliveries${bucketSuffix}`,
    setAsideBucket: `${prefix}-set-aside${bucketSuffix}`,
    lakeBucket: `${prefix}-lake${bucketSuffix}`,
    transcriptsBucket: `${prefix}-transcripts${bucketSuffix}`,
    configBucket: `${prefix}-config${bucketSuffix}`,
    bus: stage.name === 'local' ? 'aftercall' : prefix,
    rule: (route: RouteName) => `${prefix}-${route}`,
    queue: (route: RouteName) => `${prefix}-${route}`,
    deadLetterQueue: (route: RouteName) => `${prefix}-${route}-dead`,
    qaQueue: (team: string) => `${prefix}-qa-${team}.fifo`,
    qaDeadLetterQueue: (team: string) => `${prefix}-qa-${team}-dead.fifo`,
    crm: `${prefix}-crm`,
    sealingSecret: `aftercall/${stage.name}/sealing`,
    sourceSecret: (key: string) => `aftercall/${stage.name}/sources/${key}`,
    webhooksApi: `${prefix}-webhooks`,
    ingestUrlParameter: `/aftercall/${stage.name}/ingest/url`,
    function: (app: AppName) => `${prefix}-${app}`,
    logGroup: (app: AppName) => `/aws/lambda/${prefix}-${app}`,
  };
}

/** What `names` returns. */
export type Names = ReturnType<typeof names>;
