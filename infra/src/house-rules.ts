import { expect } from '@jest/globals';
import { parseConfig as parseBackfill } from '@aftercall/backfill/config';
import { parseConfig as parseComplianceRouter } from '@aftercall/compliance-router/config';
import { parseConfig as parseDeadLetters } from '@aftercall/dead-letters/config';
import { parseConfig as parseIngest } from '@aftercall/ingest/config';
import { parseConfig as parseLakeWriter } from '@aftercall/lake-writer/config';
import { parseConfig as parsePartnerIngest } from '@aftercall/partner-ingest/config';
import { parseConfig as parseProcessor } from '@aftercall/processor/config';
import { parseConfig as parseSecretRotator } from '@aftercall/secret-rotator/config';
import { parseConfig as parseTranscriptFetcher } from '@aftercall/transcript-fetcher/config';
import type { AppName } from './app-stacks.ts';
import { RESOURCELESS_ACTIONS } from './constructs/statement.ts';
import { collectedQueues } from './dead-letter-queues.ts';
import { names } from './names.ts';
import { ROUTES } from './routing.ts';
import { looksLikeSecret } from './secret-shape.ts';
import { VISIBILITY_PER_TIMEOUT, type StageConfig } from './stage.ts';
import { APP_NAMES, stackNames, type StackName } from './synth.ts';
import {
  environmentOf,
  runtimeEnvironmentOf,
  resources,
  roleStatements,
  type Block,
  type TerraformJson,
} from './synthesised-stacks.ts';

/** The one function: ACM says as a set what a certificate for one name has one of. */
const REFERENCE =
  /^(?:tolist\((?=aws_acm_certificate\.))?(data\.)?(aws_\w+)\.([\w-]+)\.(\w+)(?:(?:(?<=\.domain_validation_options)\)\.0|\[0\])\.\w+)?$/;

/** Where a resource type keeps its physical name; types without one are left out. */
const NAME_ATTRIBUTES = ['name', 'bucket', 'function_name'] as const;
const NAMED_TYPES = [
  'aws_sqs_queue',
  'aws_dynamodb_table',
  'aws_s3_bucket',
  'aws_cloudwatch_event_bus',
  'aws_cloudwatch_event_rule',
  'aws_cloudwatch_event_connection',
  'aws_cloudwatch_event_api_destination',
  'aws_secretsmanager_secret',
  'aws_lambda_function',
  'aws_iam_role',
  'aws_cloudwatch_log_group',
  'aws_apigatewayv2_api',
  'aws_ssm_parameter',
];

/** Every text at any depth, with the attribute it stands in. */
function texts(value: unknown, attribute = ''): { attribute: string; text: string }[] {
  if (typeof value === 'string') return [{ attribute, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) =>
    texts(below, Array.isArray(value) ? attribute : key),
  );
}

/** The stacks of a stage, by name. */
export type Stacks = Readonly<Record<StackName, TerraformJson>>;

/** A stage, and what it synthesises to. */
export interface World {
  readonly stage: StageConfig;
  readonly stacks: Stacks;
}

const DAY_SECONDS = 86_400;

/** Each app's own reader of its environment. */
const PARSERS: Readonly<Record<AppName, (environment: Readonly<Record<string, string>>) => unknown>> = {
  ingest: parseIngest,
  processor: parseProcessor,
  'secret-rotator': parseSecretRotator,
  'lake-writer': parseLakeWriter,
  'compliance-router': parseComplianceRouter,
  'partner-ingest': parsePartnerIngest,
  'transcript-fetcher': parseTranscriptFetcher,
  backfill: parseBackfill,
  'dead-letters': parseDeadLetters,
};

/** How many bytes AWS takes, by resource type and attribute. */
const QUOTAS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  aws_lambda_function: { function_name: 64, description: 256 },
  aws_iam_role: { name: 64, assume_role_policy: 2_048 },
  aws_iam_role_policy: { name: 128, policy: 10_240 },
  aws_sqs_queue: { name: 80 },
  aws_sqs_queue_policy: { policy: 8_192 },
  aws_s3_bucket: { bucket: 63 },
  aws_s3_bucket_policy: { policy: 20_480 },
  aws_dynamodb_table: { name: 255 },
  aws_secretsmanager_secret: { name: 512 },
  aws_secretsmanager_secret_policy: { policy: 20_480 },
  aws_kms_key: { policy: 32_768 },
  aws_kms_alias: { name: 256 },
  aws_cloudwatch_event_bus: { name: 256 },
  aws_cloudwatch_event_rule: { name: 64, description: 512, event_pattern: 2_048 },
  aws_cloudwatch_event_archive: { name: 48 },
  aws_cloudwatch_event_connection: { name: 64 },
  aws_cloudwatch_event_api_destination: { name: 64 },
  aws_cloudwatch_log_group: { name: 512 },
  aws_cloudwatch_metric_alarm: { alarm_name: 255, alarm_description: 1_024 },
  aws_sns_topic: { name: 256 },
  aws_sfn_state_machine: { name: 80, definition: 1_048_576 },
  aws_ssm_parameter: { name: 1_011, value: 4_096 },
  aws_apigatewayv2_api: { name: 128 },
  aws_wafv2_web_acl: { name: 128 },
  aws_security_group: { name: 255, description: 255 },
  aws_vpc_endpoint: { policy: 20_480 },
  aws_elasticache_serverless_cache: { name: 40 },
  aws_kinesis_firehose_delivery_stream: { name: 64 },
  aws_scheduler_schedule: { name: 64 },
  aws_athena_workgroup: { name: 128 },
  aws_redshiftserverless_workgroup: { workgroup_name: 64 },
  aws_redshiftserverless_namespace: { namespace_name: 64 },
};

/** What is looked up and made by nobody here: it is AWS's, or was there before. */
const FOREIGN = ['aws_route53_zone', 'aws_cloudfront_cache_policy', 'aws_cloudfront_origin_request_policy'];

/** The routes whose target the stage has. */
const routesOf = (stage: StageConfig, stacks: Stacks) =>
  Object.entries(ROUTES).filter(
    ([route, { target }]) =>
      target in stacks && (route !== 'iceberg' || stage.warehouse?.iceberg !== undefined),
  );

const appsOf = (stage: StageConfig): readonly AppName[] => {
  const there = stackNames(stage);
  return APP_NAMES.filter((app) => there.includes(app));
};

/** Every resource of a stage, with the stack that makes it. */
const blocksOf = (stacks: Stacks) =>
  Object.entries(stacks).flatMap(([stack, { resource }]) =>
    Object.entries(resource).flatMap(([type, blocks]) =>
      Object.entries(blocks).map(([id, block]) => ({ stack: stack as StackName, type, id, block })),
    ),
  );

/** Every data source of a stage that is about what Aftercall makes. */
const lookups = (stacks: Stacks) =>
  Object.entries(stacks).flatMap(([stack, { data = {} }]) =>
    Object.entries(data)
      .filter(([type]) => !FOREIGN.includes(type))
      .flatMap(([type, blocks]) => Object.values(blocks).map((block) => ({ stack, type, data: block }))),
  );

/** The stack that makes a resource with those arguments, which name it. */
const madeBy = (stacks: Stacks, wanted: string, arguments_: Block): string | undefined =>
  blocksOf(stacks).find(
    ({ type, block }) =>
      type === wanted &&
      Object.entries(arguments_).every(
        ([key, value]) => JSON.stringify(block[key]) === JSON.stringify(value),
      ),
  )?.stack;

const expiryDays = ({ foundation }: Stacks, bucket: string): number => {
  const { rule } =
    resources(foundation, 'aws_s3_bucket_lifecycle_configuration')[`${bucket}_lifecycle`] ?? {};
  return (rule as readonly [{ expiration: readonly [{ days: number }] }])[0].expiration[0].days;
};

/**
 * The rules of the house: what holds for every stack of every stage, whoever wrote it. Each throws where it does not.
 * `every-rule.ts` has those of the platform and of alarms besides. For tests.
 */
export const HOUSE_RULES: Readonly<Record<string, (world: World) => void>> = {
  'every ${…} is a plain reference to something in the same stack': ({ stage, stacks }) => {
    for (const name of stackNames(stage)) {
      const { data = {}, resource } = stacks[name];
      const expressions = texts(stacks[name]).flatMap(({ text }) => [...text.matchAll(/[$%]\{([^}]*)\}?/g)]);
      expect(expressions.length).toBeGreaterThan(0);
      for (const [, expression = ''] of expressions) {
        expect(expression).toMatch(REFERENCE);
        const [, isData, type = '', id = ''] = REFERENCE.exec(expression) ?? [];
        expect({ expression, found: (isData ? data : resource)[type]?.[id] !== undefined }).toEqual({
          expression,
          found: true,
        });
      }
    }
  },

  'reads no other state and offers none of its own': ({ stage, stacks }) => {
    for (const name of stackNames(stage)) {
      expect(JSON.stringify(stacks[name])).not.toContain('terraform_remote_state');
      expect(stacks[name]).not.toHaveProperty('output');
    }
  },

  'has a locked, encrypted state of its own and cannot reach another account': ({ stage, stacks }) => {
    for (const name of stackNames(stage)) {
      const { account, region, stateBucket } = stage;
      expect(stacks[name].terraform.backend).toEqual({
        s3: {
          bucket: stateBucket,
          key: `aftercall/${stage.name}/${name}.tfstate`,
          region,
          encrypt: true,
          use_lockfile: true,
        },
      });
      expect(stacks[name].provider.aws).toMatchObject([{ region, allowed_account_ids: [account] }]);
    }
  },

  'the role names its actions and its resources': ({ stacks }) => {
    for (const name of [...APP_NAMES, 'crm'] as const) {
      const statements = roleStatements(stacks[name]);
      expect(statements.length).toBeGreaterThan(0);
      for (const { Effect, Action, Resource } of statements) {
        expect(Effect).toBe('Allow');
        for (const action of Action) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/);
        const isResourceless = Action.every((action) => action in RESOURCELESS_ACTIONS);
        for (const resource of isResourceless ? [] : Resource) {
          expect(resource).toMatch(
            /^\$\{(data\.)?aws_[\w.-]+\.(arn|target_key_arn)\}(\/([a-z-]+\/)?\*|\/[a-z-]+\/[a-z.]+|:\*)?$/,
          );
        }
      }
    }
  },

  'no policy of any kind allows everything or everyone': ({ stacks }) => {
    const policies = Object.values(stacks).flatMap((stack) =>
      // In the policy of a key `*` is the key, in an endpoint's whatever roles may reach; each has rules of its own.
      texts({ ...stack.resource, aws_kms_key: {}, aws_vpc_endpoint: {} }).filter(
        ({ attribute }) => attribute === 'policy' || attribute === 'assume_role_policy',
      ),
    );
    expect(policies.length).toBeGreaterThan(8);
    for (const { text } of policies) {
      const { Statement } = JSON.parse(text) as { Statement: Record<string, unknown>[] };
      const allowing = Statement.filter(
        ({ Effect, Action }) =>
          Effect !== 'Deny' && ![Action].flat().every((one) => String(one) in RESOURCELESS_ACTIONS),
      );
      for (const { Principal, Action, Resource } of allowing) {
        expect([Principal, Action, Resource].flat()).not.toContain('*');
      }
    }
  },

  'a message stays invisible for at least six timeouts of the function that takes it, and the time a batch takes to fill':
    ({ stage, stacks }) => {
      const fed = consumptions(stacks).map(({ lambda }) => lambda?.function_name);
      const ofDeadLetters = collectedQueues(stage, names(stage)).length;
      // All but ingest, which HTTP calls, and secret-rotator, which Secrets Manager calls.
      expect(new Set(fed).size).toBe(APP_NAMES.length - 2);
      expect(fed).toHaveLength(APP_NAMES.length - 3 + ofDeadLetters);
      for (const { mapping, queue, lambda } of consumptions(stacks)) {
        const windowSeconds = Number(mapping.maximum_batching_window_in_seconds ?? 0);
        expect(Number(queue?.visibility_timeout_seconds)).toBeGreaterThanOrEqual(
          VISIBILITY_PER_TIMEOUT * Number(lambda?.timeout) + windowSeconds,
        );
      }
    },

  'what a queue gives up goes to a dead-letter queue of its own, which keeps it for two weeks': ({
    stacks,
  }) => {
    const queues = queuesOf(stacks);
    expect(queues.length).toBeGreaterThan(10);
    for (const { stack, queue } of queues.filter(({ queue }) => !isDeadLetterQueue(queue))) {
      const { deadLetterTargetArn } = JSON.parse(String(queue.redrive_policy)) as Record<string, unknown>;
      expect(referred(stack, deadLetterTargetArn)).toMatchObject({
        name: String(queue.name).replace(/(\.fifo)?$/, '-dead$1'),
        message_retention_seconds: 1_209_600,
      });
    }
    const dead = queues.filter(({ queue }) => isDeadLetterQueue(queue));
    expect(dead.map(({ queue }) => queue.redrive_policy)).toEqual(dead.map(() => undefined));
  },

  'every queue is encrypted, refuses what does not come over TLS, and takes what it takes from a service from the rules of its stack':
    ({ stage, stacks }) => {
      for (const { stack, id, queue } of queuesOf(stacks)) {
        expect(queue.kms_master_key_id ?? queue.sqs_managed_sse_enabled).toBe(
          stage.customerKey ? stageKeyOf(stack) : true,
        );
        const policies = Object.values(resources(stack, 'aws_sqs_queue_policy')).filter(
          ({ queue_url }) => queue_url === `\${aws_sqs_queue.${id}.url}`,
        );
        expect(policies).toHaveLength(1);
        const { Statement } = JSON.parse(String(policies[0]?.policy)) as { Statement: object[] };
        const [first, ...sending] = Statement;
        expect(first).toMatchObject({
          Effect: 'Deny',
          Principal: '*',
          Action: 'sqs:*',
          Resource: [`\${aws_sqs_queue.${id}.arn}`],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        });
        const rules = Object.keys(resources(stack, 'aws_cloudwatch_event_rule')).map(
          (rule) => `\${aws_cloudwatch_event_rule.${rule}.arn}`,
        );
        const isBehindRules = rules.length > 0 && /^queue(_dead)?$/.test(id);
        expect(sending).toEqual(
          isBehindRules
            ? [
                {
                  Sid: 'SentByRules',
                  Effect: 'Allow',
                  Principal: { Service: 'events.amazonaws.com' },
                  Action: 'sqs:SendMessage',
                  Resource: [`\${aws_sqs_queue.${id}.arn}`],
                  Condition: { ArnEquals: { 'aws:SourceArn': expect.arrayContaining(rules) } },
                },
              ]
            : [],
        );
        const senders = JSON.stringify(sending).match(/aws_cloudwatch_event_rule/g) ?? [];
        expect(senders).toHaveLength(isBehindRules ? rules.length : 0);
      }
    },

  'route is a rule in the stack of its target, and loses nothing that the target refuses': ({
    stage,
    stacks,
  }) => {
    for (const [route, { facts, target }] of routesOf(stage, stacks)) {
      const stack = stacks[target];
      const { rule } = resources(stack, 'aws_cloudwatch_event_rule');
      expect(rule).toMatchObject({
        name: `aftercall-${stage.name}-${route}`,
        event_bus_name: '${data.aws_cloudwatch_event_bus.bus.name}',
      });
      expect(stack.data?.aws_cloudwatch_event_bus?.bus?.name).toBe(names(stage).bus);
      expect(JSON.parse(String(rule?.event_pattern))).toEqual(facts);
      expect(resources(stack, 'aws_cloudwatch_event_target').target).toMatchObject({
        rule: '${aws_cloudwatch_event_rule.rule.name}',
        event_bus_name: '${data.aws_cloudwatch_event_bus.bus.name}',
        dead_letter_config: { arn: '${aws_sqs_queue.queue_dead.arn}' },
      });
      expect(resources(stack, 'aws_sqs_queue').queue_dead?.name).toBe(
        `aftercall-${stage.name}-${route}-dead`,
      );
    }
  },

  'no rule listens to our bus that the list of routes does not name': ({ stage, stacks }) => {
    const rules = rulesOf(stacks).filter(({ stack, rule }) => {
      const bus = referred(stack, rule.event_bus_name);
      return bus?.name === names(stage).bus;
    });
    expect(rules.map(({ rule }) => rule.name)).toEqual(
      expect.arrayContaining(routesOf(stage, stacks).map(([route]) => `aftercall-${stage.name}-${route}`)),
    );
    expect(rules).toHaveLength(routesOf(stage, stacks).length);
  },

  'no dead-letter queue of the stage is left out by the function that collects them': ({ stacks }) => {
    const dead = queuesOf(stacks).filter(({ queue }) => isDeadLetterQueue(queue));
    const collected = consumptions(stacks).flatMap(({ queue }) =>
      queue !== undefined && isDeadLetterQueue(queue) ? [queue.name] : [],
    );
    expect(collected.toSorted()).toEqual(dead.map(({ queue }) => queue.name).toSorted());
  },

  'every rule has one target, which is tried for a day; what a queue or the CRM refuses is not lost': ({
    stacks,
  }) => {
    for (const { stack, id } of rulesOf(stacks)) {
      const targets = Object.values(resources(stack, 'aws_cloudwatch_event_target')).filter(
        ({ rule }) => rule === `\${aws_cloudwatch_event_rule.${id}.name}`,
      );
      expect(targets).toHaveLength(1);
      expect(targets[0]).toMatchObject({
        retry_policy: { maximum_event_age_in_seconds: 86_400, maximum_retry_attempts: 185 },
      });
      // What is called again and again makes up for a call that was lost.
      const isCall = /aws_(lambda_alias|sfn_state_machine)/.test(String(targets[0]?.arn));
      if (isCall) continue;
      expect(targets[0]).toMatchObject({ dead_letter_config: { arn: '${aws_sqs_queue.queue_dead.arn}' } });
    }
  },

  'a schedule is a rule of the default bus, and says what its message is': ({ stage, stacks }) => {
    const scheduled = rulesOf(stacks).filter(({ rule }) => rule.schedule_expression !== undefined);
    const messages = scheduled.map(({ stack, id, rule }) => {
      const target = Object.values(resources(stack, 'aws_cloudwatch_event_target')).find(
        (one) => one.rule === `\${aws_cloudwatch_event_rule.${id}.name}`,
      );
      expect(rule).not.toHaveProperty('event_bus_name');
      expect(rule).not.toHaveProperty('event_pattern');
      expect(target).not.toHaveProperty('event_bus_name');
      return [rule.name, target?.input];
    });
    expect(Object.fromEntries(messages)).toEqual({
      [`aftercall-${stage.name}-transcript-daily`]: '{"sweep":"daily"}',
      [`aftercall-${stage.name}-backfill-daily`]: '{"kind":"daily"}',
      [`aftercall-${stage.name}-dead-letters-drain`]: '{"task":"drain"}',
      // The review begins by itself.
      [`aftercall-${stage.name}-review-hourly`]: undefined,
    });
  },

  'each function that calls Genesys Cloud has an OAuth client of its own for each organisation, and reads no other':
    ({ stage, stacks }) => {
      const callers = ['compliance-router', 'partner-ingest', 'transcript-fetcher', 'backfill'] as const;
      const all = (stage.genesys ?? []).map(({ org }) => org);
      expect(all.length).toBeGreaterThan(0);
      const ofPartner = new Set((stage.partner ?? []).map(({ key, org }) => org ?? key));
      for (const app of callers) {
        const orgs = app === 'partner-ingest' ? all.filter((org) => ofPartner.has(org)) : all;
        const clients = Object.entries(resources(stacks[app], 'aws_secretsmanager_secret'));
        const secretNames = orgs.map((org) => `aftercall/${stage.name}/genesys/${org}/${app}`);
        expect(clients.map(([, { name }]) => name)).toEqual(secretNames);
        expect(JSON.parse(String(environmentOf(stacks[app]).GENESYS_ORGS))).toMatchObject(
          secretNames.map((secretName) => ({ secretName })),
        );
        const readable = roleStatements(stacks[app])
          .filter(({ Action }) => Action.includes('secretsmanager:GetSecretValue'))
          .flatMap(({ Resource }) => Resource)
          .filter((arn) => !/data\.aws_secretsmanager_secret\.(sealing|token_store)\./.test(arn));
        expect(readable).toEqual(clients.map(([id]) => `\${aws_secretsmanager_secret.${id}.arn}`));
      }
    },

  'every event source mapping takes back failed messages one by one': ({ stacks }) => {
    for (const { mapping } of consumptions(stacks)) {
      expect(mapping.function_response_types).toEqual(['ReportBatchItemFailures']);
    }
  },

  'no secret value stands anywhere': ({ stacks }) => {
    for (const stack of Object.values(stacks)) {
      expect(stack.resource).not.toHaveProperty('aws_secretsmanager_secret_version');
      for (const { type } of Object.values(resources(stack, 'aws_ssm_parameter')))
        expect(type).toBe('String');
      const suspicious = texts(stack).filter(
        // The hash of a zip and the text of a view are public, and look like a key.
        ({ attribute, text }) =>
          !['source_code_hash', 'view_original_text'].includes(attribute) && looksLikeSecret(text),
      );
      expect(suspicious).toEqual([]);
    }
  },

  'every physical name is there once': ({ stacks }) => {
    for (const type of NAMED_TYPES) {
      const made = Object.values(stacks).flatMap((stack) => Object.values(resources(stack, type)));
      const physicalNames = made.map((block) => physicalName(block));
      expect(physicalNames.length).toBeGreaterThan(0);
      expect(physicalNames).toEqual([...new Set(physicalNames)]);
    }
  },

  'says what its failure means, and keeps a log for 30 days': ({ stacks }) => {
    for (const name of APP_NAMES) {
      expect(resources(stacks[name], 'aws_lambda_function')[name]).toMatchObject({
        description: expect.stringMatching(/^\w.{20,255}$/),
        handler: 'main.handler',
        runtime: 'nodejs24.x',
        architectures: ['arm64'],
        memory_size: expect.any(Number),
        filename: `dist/apps/${name}.zip`,
        source_code_hash: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
        logging_config: {
          log_format: 'JSON',
          application_log_level: 'TRACE',
          system_log_level: 'WARN',
          log_group: '${aws_cloudwatch_log_group.log.name}',
        },
        tracing_config: { mode: 'Active' },
        publish: true,
        depends_on: ['aws_iam_role_policy.policy'],
      });
      expect(resources(stacks[name], 'aws_cloudwatch_log_group').log?.retention_in_days).toBe(30);
    }
  },

  'what one stack looks up another one makes': ({ stacks }) => {
    for (const { stack, type, data } of lookups(stacks)) {
      expect({ stack, type, data, made: madeBy(stacks, type, data) }).toEqual({
        stack,
        type,
        data,
        made: expect.any(String),
      });
    }
  },

  'no two stacks look each other up, however far around': ({ stacks }) => {
    const needs = new Map<string, Set<string>>();
    for (const { stack, type, data } of lookups(stacks)) {
      const maker = madeBy(stacks, type, data);
      if (maker) needs.set(stack, (needs.get(stack) ?? new Set()).add(maker));
    }
    const pathsFrom = (stack: string, path: readonly string[]): void => {
      expect({ circle: path.includes(stack) ? [...path, stack] : [] }).toEqual({ circle: [] });
      for (const next of needs.get(stack) ?? []) pathsFrom(next, [...path, stack]);
    };
    for (const stack of Object.keys(stacks)) pathsFrom(stack, []);
    expect(needs.get('foundation')).toBeUndefined();
  },

  'every app accepts the environment that it gets': ({ stage, stacks }) => {
    for (const app of appsOf(stage)) {
      expect(() => PARSERS[app](runtimeEnvironmentOf(stacks[app]))).not.toThrow();
    }
  },

  'the ledger remembers for longer than a message can take to come back': ({ stage, stacks }) => {
    const queues = queuesOf(stacks).map(({ queue }) => queue);
    const longest = (of: readonly Block[]) =>
      Math.max(...of.map((queue) => Number(queue.message_retention_seconds)));
    // What people take their work from is no way back.
    const inQueue = longest(
      consumptions(stacks).flatMap(({ queue }) => (queue && !isDeadLetterQueue(queue) ? [queue] : [])),
    );
    const dead = longest(queues.filter(isDeadLetterQueue));
    const setAside = expiryDays(stacks, 'set_aside_bucket') * DAY_SECONDS;
    const back = inQueue + dead + setAside + DAY_SECONDS;
    expect(expiryDays(stacks, 'deliveries') * DAY_SECONDS).toBeGreaterThanOrEqual(back);
    for (const app of appsOf(stage)) {
      const remembered = environmentOf(stacks[app]).RETENTION_SECONDS;
      if (remembered !== undefined) expect(Number(remembered)).toBeGreaterThanOrEqual(back);
    }
  },

  'names, policies, descriptions and environments are no longer than AWS takes them': ({ stacks }) => {
    for (const { type, block } of blocksOf(stacks)) {
      for (const [attribute, longest] of Object.entries(QUOTAS[type] ?? {})) {
        const value = block[attribute];
        const bytes = typeof value === 'string' ? Buffer.byteLength(value) : 0;
        expect({ type, attribute, name: physicalName(block), isTooLong: bytes > longest }).toEqual({
          type,
          attribute,
          name: physicalName(block),
          isTooLong: false,
        });
      }
    }
    for (const { block } of blocksOf(stacks).filter(({ type }) => type === 'aws_lambda_function')) {
      const { variables } = block.environment as { variables: object };
      const bytes = Object.entries(variables).reduce(
        (sum, [name, value]) => sum + `${name}${value}`.length,
        0,
      );
      expect(bytes).toBeLessThanOrEqual(4_096);
    }
  },

  'every table is on demand, encrypted, recoverable to any second, and not deleted by accident': ({
    stage,
    stacks,
  }) => {
    const tables = blocksOf(stacks).filter(({ type }) => type === 'aws_dynamodb_table');
    expect(tables.length).toBeGreaterThanOrEqual(5);
    for (const { stack, block } of tables) {
      expect(block).toMatchObject({
        billing_mode: 'PAY_PER_REQUEST',
        point_in_time_recovery: { enabled: true },
        server_side_encryption: {
          enabled: true,
          ...(stage.customerKey && { kms_key_arn: stageKeyOf(stacks[stack]) }),
        },
        deletion_protection_enabled: stage.name !== 'local',
      });
    }
  },

  'every bucket is private, encrypted, reached over TLS only, and keeps no unfinished upload': ({
    stacks,
  }) => {
    const buckets = blocksOf(stacks).filter(({ type }) => type === 'aws_s3_bucket');
    expect(buckets.length).toBeGreaterThanOrEqual(5);
    for (const { stack, id } of buckets) {
      const of = (type: string) =>
        Object.values(resources(stacks[stack], type)).filter(
          ({ bucket }) => bucket === `\${aws_s3_bucket.${id}.id}`,
        );
      expect(of('aws_s3_bucket_public_access_block')).toMatchObject([
        {
          block_public_acls: true,
          block_public_policy: true,
          ignore_public_acls: true,
          restrict_public_buckets: true,
        },
      ]);
      expect(of('aws_s3_bucket_server_side_encryption_configuration')).toHaveLength(1);
      expect(JSON.stringify(of('aws_s3_bucket_policy'))).toContain('aws:SecureTransport');
      expect(of('aws_s3_bucket_lifecycle_configuration')).toMatchObject([
        { rule: [{ abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }] }] },
      ]);
    }
  },
};

/** How a stack refers to the stage's key: the one that makes it, or by its alias. */
const stageKeyOf = ({ resource }: TerraformJson): string =>
  resource.aws_kms_key?.stage_key
    ? '${aws_kms_key.stage_key.arn}'
    : '${data.aws_kms_alias.stage_key.target_key_arn}';

/** Every queue of a stage, with the stack that makes it. */
const queuesOf = (stacks: Stacks) =>
  Object.values(stacks).flatMap((stack) =>
    Object.entries(resources(stack, 'aws_sqs_queue')).map(([id, queue]) => ({ stack, id, queue })),
  );

/** Every rule of a stage, with the stack that makes it. */
const rulesOf = (stacks: Stacks) =>
  Object.values(stacks).flatMap((stack) =>
    Object.entries(resources(stack, 'aws_cloudwatch_event_rule')).map(([id, rule]) => ({ stack, id, rule })),
  );

const isDeadLetterQueue = ({ name }: Block): boolean => /-dead(\.fifo)?$/.test(String(name));

/** Every event source mapping of a stage, with the queue it takes from and the function it feeds. */
function consumptions(stacks: Stacks) {
  const queues = Object.values(stacks).flatMap((stack) => Object.values(resources(stack, 'aws_sqs_queue')));
  return Object.values(stacks).flatMap((stack) =>
    Object.values(resources(stack, 'aws_lambda_event_source_mapping')).map((mapping) => ({
      mapping,
      // A queue of another stack is looked up by name, see the rule on references.
      queue: queues.find(({ name }) => name === referred(stack, mapping.event_source_arn)?.name),
      lambda: referred(stack, referred(stack, mapping.function_name)?.function_name),
    })),
  );
}

/** The block that an attribute such as `${aws_sqs_queue.events.arn}` belongs to. */
function referred({ data, resource }: TerraformJson, expression: unknown): Block | undefined {
  const [, isData, type = '', id = ''] = REFERENCE.exec(String(expression).slice(2, -1)) ?? [];
  return (isData ? data : resource)?.[type]?.[id];
}

const physicalName = (block: Block): unknown =>
  NAME_ATTRIBUTES.map((attribute) => block[attribute]).find((name) => typeof name === 'string');

/** What AWS knows a stage's resources by. */
export const physicalNames = (stacks: Stacks): readonly string[] =>
  blocksOf(stacks)
    .filter(({ type }) => NAMED_TYPES.includes(type))
    .map(({ block }) => String(physicalName(block)));
