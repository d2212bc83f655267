import type { AppName } from './app-stacks.ts';
import type { RouteName } from './routing.ts';
import type { SubnetKind } from './stacks/network.ts';
import type { StageConfig } from './stage.ts';

/** A queue behind rules: a route's, the partner buses', or that of the backfill's intervals. */
export type QueueName = RouteName | 'partner-inbox' | 'backfill';

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
    transcriptsTable: `${prefix}-transcripts`,
    backfillTable: `${prefix}-backfill`,
    deliveriesBucket: `${prefix}-deliveries${bucketSuffix}`,
    setAsideBucket: `${prefix}-set-aside${bucketSuffix}`,
    lakeBucket: `${prefix}-lake${bucketSuffix}`,
    transcriptsBucket: `${prefix}-transcripts${bucketSuffix}`,
    transcriptOriginalsBucket: `${prefix}-transcript-originals${bucketSuffix}`,
    configBucket: `${prefix}-config${bucketSuffix}`,
    bus: stage.name === 'local' ? 'aftercall' : prefix,
    rule: (route: RouteName) => `${prefix}-${route}`,
    partnerRule: (key: string) => `${prefix}-partner-${key}`,
    dailyRule: (queue: QueueName) => `${prefix}-${queue}-daily`,
    queue: (queue: QueueName) => `${prefix}-${queue}`,
    deadLetterQueue: (queue: QueueName) => `${prefix}-${queue}-dead`,
    qaQueue: (team: string) => `${prefix}-qa-${team}.fifo`,
    qaDeadLetterQueue: (team: string) => `${prefix}-qa-${team}-dead.fifo`,
    crm: `${prefix}-crm`,
    keyAlias: `alias/${prefix}`,
    alarmsTopic: `${prefix}-alarms`,
    reviewMachine: `${prefix}-review`,
    alarm: (name: string) => `${prefix}-${name}`,
    dashboard: prefix,
    budget: prefix,
    configRule: (rule: string) => `${prefix}-${rule}`,
    archive: `${prefix}-facts`,
    sealingSecret: `aftercall/${stage.name}/sealing`,
    sourceSecret: (key: string) => `aftercall/${stage.name}/sources/${key}`,
    tokenStoreSecret: `aftercall/${stage.name}/token-store`,
    genesysSecret: (org: string, app: AppName) => `aftercall/${stage.name}/genesys/${org}/${app}`,
    webhooksApi: `${prefix}-webhooks`,
    // Under this prefix CloudWatch needs no resource policy that grows with every log.
    webhooksLogGroup: `/aws/vendedlogs/${prefix}-webhooks`,
    truststoreBucket: `${prefix}-truststore${bucketSuffix}`,
    edge: `${prefix}-edge`,
    vpc: prefix,
    subnet: (kind: SubnetKind, zone: string) => `${prefix}-${kind}-${zone}`,
    securityGroup: (part: string) => `${prefix}-${part}`,
    outwardAddressesParameter: `/aftercall/${stage.name}/network/addresses`,
    lakeDatabase: prefix.replaceAll('-', '_'),
    workgroup: prefix,
    queryResultsBucket: `${prefix}-query-results${bucketSuffix}`,
    scheduledQueries: `${prefix}-queries`,
    warehouse: prefix,
    spectrumRole: `${prefix}-spectrum`,
    firehose: `${prefix}-iceberg`,
    firehoseRole: `${prefix}-iceberg`,
    firehoseLogGroup: `/aws/kinesisfirehose/${prefix}-iceberg`,
    icebergSenderRole: `${prefix}-iceberg-sender`,
    tokenStore: `${prefix}-tokens`,
    tokenStoreUrlParameter: `/aftercall/${stage.name}/network/token-store`,
    ingestUrlParameter: `/aftercall/${stage.name}/ingest/url`,
    circuitsParameter: `/aftercall/${stage.name}/circuits`,
    function: (app: AppName) => `${prefix}-${app}`,
    logGroup: (app: AppName) => `/aws/lambda/${prefix}-${app}`,
  };
}

/** What `names` returns. */
export type Names = ReturnType<typeof names>;
