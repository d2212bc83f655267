import { describe, expect, test } from '@jest/globals';
import { allow, RESOURCELESS_ACTIONS } from './constructs/statement.ts';
import { collectedQueues } from './dead-letter-queues.ts';
import { names } from './names.ts';
import { ROUTES } from './routing.ts';
import { looksLikeSecret } from './secret-shape.ts';
import { validStage, VISIBILITY_PER_TIMEOUT } from './stage.ts';
import { stageNamed } from './stages.ts';
import { APP_NAMES, stackNames } from './synth.ts';
import {
  environmentOf,
  resources,
  roleStatements,
  synthesisedStacks,
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

const STAGES = ['local', 'dev', 'full'].map((name) => [name, stageNamed(name)] as const);

describe.each(STAGES)('on stage %s', (stageName, stage) => {
  const stacks = synthesisedStacks(stage);
  const STACK_NAMES = stackNames(stage);

  test.each(STACK_NAMES)('every ${…} of %s is a plain reference to something in the same stack', (name) => {
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
  });

  test.each(STACK_NAMES)('%s reads no other state and offers none of its own', (name) => {
    expect(JSON.stringify(stacks[name])).not.toContain('terraform_remote_state');
    expect(stacks[name]).not.toHaveProperty('output');
  });

  test.each(STACK_NAMES)(
    '%s has a locked, encrypted state of its own and cannot reach another account',
    (name) => {
      const { account, region, stateBucket } = stage;
      expect(stacks[name].terraform.backend).toEqual({
        s3: {
          bucket: stateBucket,
          key: `aftercall/${stageName}/${name}.tfstate`,
          region,
          encrypt: true,
          use_lockfile: true,
        },
      });
      expect(stacks[name].provider.aws).toMatchObject([{ region, allowed_account_ids: [account] }]);
    },
  );

  test.each([...APP_NAMES, 'crm'] as const)('the role of %s names its actions and its resources', (name) => {
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
  });

  test('no policy of any kind allows everything or everyone', () => {
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
  });

  test('a message stays invisible for at least six timeouts of the function that takes it, and the time a batch takes to fill', () => {
    const fed = consumptions(stacks).map(({ lambda }) => lambda?.function_name);
    const ofDeadLetters = collectedQueues(stage, names(stage)).length;
    expect(new Set(fed).size).toBe(APP_NAMES.length - 1);
    expect(fed).toHaveLength(APP_NAMES.length - 2 + ofDeadLetters);
    for (const { mapping, queue, lambda } of consumptions(stacks)) {
      const windowSeconds = Number(mapping.maximum_batching_window_in_seconds ?? 0);
      expect(Number(queue?.visibility_timeout_seconds)).toBeGreaterThanOrEqual(
        VISIBILITY_PER_TIMEOUT * Number(lambda?.timeout) + windowSeconds,
      );
    }
  });

  test('what a queue gives up goes to a dead-letter queue of its own, which keeps it for two weeks', () => {
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
  });

  test('every queue is encrypted, refuses what does not come over TLS, and takes what it takes from a service from the rules of its stack', () => {
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
  });

  test.each(Object.entries(ROUTES))(
    'route %s is a rule in the stack of its target, and loses nothing that the target refuses',
    (route, { facts, target }) => {
      const stack = stacks[target];
      const { rule } = resources(stack, 'aws_cloudwatch_event_rule');
      expect(rule).toMatchObject({
        name: `aftercall-${stageName}-${route}`,
        event_bus_name: '${data.aws_cloudwatch_event_bus.bus.name}',
      });
      expect(stack.data?.aws_cloudwatch_event_bus?.bus?.name).toBe(names(stage).bus);
      expect(JSON.parse(String(rule?.event_pattern))).toEqual(facts);
      expect(resources(stack, 'aws_cloudwatch_event_target').target).toMatchObject({
        rule: '${aws_cloudwatch_event_rule.rule.name}',
        event_bus_name: '${data.aws_cloudwatch_event_bus.bus.name}',
        dead_letter_config: { arn: '${aws_sqs_queue.queue_dead.arn}' },
      });
      expect(resources(stack, 'aws_sqs_queue').queue_dead?.name).toBe(`aftercall-${stageName}-${route}-dead`);
    },
  );

  test('no rule listens to our bus that the list of routes does not name', () => {
    const rules = rulesOf(stacks).filter(({ stack, rule }) => {
      const bus = referred(stack, rule.event_bus_name);
      return bus?.name === names(stage).bus;
    });
    expect(rules.map(({ rule }) => rule.name)).toEqual(
      expect.arrayContaining(Object.keys(ROUTES).map((route) => `aftercall-${stageName}-${route}`)),
    );
    expect(rules).toHaveLength(Object.keys(ROUTES).length);
  });

  test('no dead-letter queue of the stage is left out by the function that collects them', () => {
    const dead = queuesOf(stacks).filter(({ queue }) => isDeadLetterQueue(queue));
    const collected = consumptions(stacks).flatMap(({ queue }) =>
      queue !== undefined && isDeadLetterQueue(queue) ? [queue.name] : [],
    );
    expect(collected.toSorted()).toEqual(dead.map(({ queue }) => queue.name).toSorted());
  });

  test('every rule has one target, which is tried for a day; what a queue or the CRM refuses is not lost', () => {
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
  });

  test('a schedule is a rule of the default bus, and says what its message is', () => {
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
      [`aftercall-${stageName}-transcript-daily`]: '{"sweep":"daily"}',
      [`aftercall-${stageName}-backfill-daily`]: '{"kind":"daily"}',
      [`aftercall-${stageName}-dead-letters-drain`]: '{"task":"drain"}',
      // The review begins by itself.
      [`aftercall-${stageName}-review-hourly`]: undefined,
    });
  });

  test('each function that calls Genesys Cloud has an OAuth client of its own for each organisation, and reads no other', () => {
    const callers = ['compliance-router', 'partner-ingest', 'transcript-fetcher', 'backfill'] as const;
    const all = (stage.genesys ?? []).map(({ org }) => org);
    expect(all.length).toBeGreaterThan(0);
    const ofPartner = new Set((stage.partner ?? []).map(({ key, org }) => org ?? key));
    for (const app of callers) {
      const orgs = app === 'partner-ingest' ? all.filter((org) => ofPartner.has(org)) : all;
      const clients = Object.entries(resources(stacks[app], 'aws_secretsmanager_secret'));
      const secretNames = orgs.map((org) => `aftercall/${stageName}/genesys/${org}/${app}`);
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
  });

  test('every event source mapping takes back failed messages one by one', () => {
    for (const { mapping } of consumptions(stacks)) {
      expect(mapping.function_response_types).toEqual(['ReportBatchItemFailures']);
    }
  });

  test('no secret value stands anywhere', () => {
    for (const stack of Object.values(stacks)) {
      expect(stack.resource).not.toHaveProperty('aws_secretsmanager_secret_version');
      for (const { type } of Object.values(resources(stack, 'aws_ssm_parameter')))
        expect(type).toBe('String');
      const suspicious = texts(stack).filter(
        // The hash of a zip is public, and looks like a key.
        ({ attribute, text }) => attribute !== 'source_code_hash' && looksLikeSecret(text),
      );
      expect(suspicious).toEqual([]);
    }
  });

  test('every physical name is there once', () => {
    for (const type of NAMED_TYPES) {
      const made = Object.values(stacks).flatMap((stack) => Object.values(resources(stack, type)));
      const physicalNames = made.map((block) => physicalName(block));
      expect(physicalNames.length).toBeGreaterThan(0);
      expect(physicalNames).toEqual([...new Set(physicalNames)]);
    }
  });

  test.each(APP_NAMES)('%s says what its failure means, and keeps a log for 30 days', (name) => {
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
        system_log_level: 'INFO',
        log_group: '${aws_cloudwatch_log_group.log.name}',
      },
      tracing_config: { mode: 'Active' },
      publish: true,
      depends_on: ['aws_iam_role_policy.policy'],
    });
    expect(resources(stacks[name], 'aws_cloudwatch_log_group').log?.retention_in_days).toBe(30);
  });
});

/** How a stack refers to the stage's key: the one that makes it, or by its alias. */
const stageKeyOf = ({ resource }: TerraformJson): string =>
  resource.aws_kms_key?.stage_key
    ? '${aws_kms_key.stage_key.arn}'
    : '${data.aws_kms_alias.stage_key.target_key_arn}';

/** Every queue of a stage, with the stack that makes it. */
const queuesOf = (stacks: Record<string, TerraformJson>) =>
  Object.values(stacks).flatMap((stack) =>
    Object.entries(resources(stack, 'aws_sqs_queue')).map(([id, queue]) => ({ stack, id, queue })),
  );

/** Every rule of a stage, with the stack that makes it. */
const rulesOf = (stacks: Record<string, TerraformJson>) =>
  Object.values(stacks).flatMap((stack) =>
    Object.entries(resources(stack, 'aws_cloudwatch_event_rule')).map(([id, rule]) => ({ stack, id, rule })),
  );

const isDeadLetterQueue = ({ name }: Block): boolean => /-dead(\.fifo)?$/.test(String(name));

/** Every event source mapping of a stage, with the queue it takes from and the function it feeds. */
function consumptions(stacks: Record<string, TerraformJson>) {
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

test.each([
  [['s3:*'], ['arn:aws:s3:::b/*']],
  [['*'], ['arn:aws:s3:::b/*']],
  [['s3:GetObject'], ['*']],
  [['s3:GetObject'], ['arn:aws:s3:::*/x']],
  [['s3:GetObject'], ['arn:aws:s3:::aftercall-*']],
])('%j on %j cannot be granted', (actions, named) => {
  expect(() => allow(actions, named)).toThrow(/name the (actions|resources) instead of/);
});

test('sources that do not fit into the environment of a function are refused at synth', () => {
  const dev = stageNamed('dev');
  const many = Array.from({ length: 40 }, (_, index) => ({
    key: `source-${index}`,
    scheme: 'genesys-webhook' as const,
  }));
  const stage = validStage({ ...dev, sources: [...dev.sources, ...many] });
  expect(() => synthesisedStacks(stage)).toThrow(/ingest: its environment takes \d+ of 4096 bytes/);
});
