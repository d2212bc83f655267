import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressOf, readStacks } from './apply/read-stacks.ts';
import { isPlayed } from './apply/apply.ts';
import { optionalText } from './apply/arguments.ts';
import { evaluate } from './apply/evaluate.ts';
import type { Attributes } from './apply/evaluate.ts';
import type { Arguments, Block } from './apply/read-stacks.ts';
import {
  DATA_SOURCES,
  emptyRuntime,
  LOCAL_RESOURCES,
  LOOKUP_KEYS,
  plainAttributes,
} from './apply/local-resources.ts';
import type { Runtime } from './apply/local-resources.ts';
import { ACCOUNT, arn, REGION } from './aws/identity.ts';

/** A resource of a stage, with everything that its arguments refer to filled in. */
export interface DescribedResource {
  readonly type: string;
  readonly args: Arguments;
  readonly attributes: Attributes;
}

/** A stage as its synthesised Terraform has it. */
export interface DescribedStage {
  readonly resources: readonly DescribedResource[];
  readonly runtime: Pick<Runtime, 'functions' | 'eventSources' | 'routes'>;
}

/** No server: addresses of it must be URLs, and are never called. */
const NOWHERE = 'https://stage.invalid';

/**
 * Synthesises a stage and reads what it consists of without making anything, for whoever plays it without servers: which
 * functions with which environment, which queues, rules, buckets and tables. Names and account are the local stage's,
 * everything else is the stage's own.
 *
 * @throws Error naming what it cannot evaluate
 */
export async function describeStage(name: string): Promise<DescribedStage> {
  const { stageNamed, synth } = await import('@aftercall/infra');
  const folder = mkdtempSync(join(tmpdir(), 'aftercall-stage-'));
  try {
    // By the name `local` no zips are asked for. A key of its own and warm environments are nothing to play.
    const { customerKey: _customerKey, warm: _warm, ...stage } = stageNamed(name);
    synth({ stage: { ...stage, name: 'local', account: ACCOUNT }, outdir: folder });
    return await describe(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function describe(directory: string): Promise<DescribedStage> {
  const runtime = emptyRuntime();
  const blocks = readStacks(directory);
  const all = new Map<string, DescribedResource>();
  const create = async (block: Block, args: Arguments): Promise<Attributes> => {
    const attributes = attributesOf(block, args, runtime);
    if (block.mode === 'resource') all.set(addressOf(block), { type: block.type, args, attributes });
    return attributes;
  };
  await evaluate(blocks, { create, lookupKey: (type) => LOOKUP_KEYS[type], isPlayed });
  return { resources: [...all.values()], runtime };
}

function attributesOf({ mode, type, stack, name }: Block, args: Arguments, runtime: Runtime): Attributes {
  const id = `${stack}-${name}`;
  if (mode === 'data' && DATA_SOURCES[type]) return DATA_SOURCES[type];
  const inRuntime = LOCAL_RESOURCES[type];
  if (mode === 'resource' && inRuntime) return inRuntime(args, { runtime, httpUrl: NOWHERE }, id);
  return {
    ...plainAttributes(args, type, id),
    ...NAMED[type]?.(optionalText(args, NAME_ARGUMENTS[type] ?? 'name') ?? id),
  };
}

/** What the name of a resource is called, where it is not `name`. */
const NAME_ARGUMENTS: Readonly<Record<string, string>> = { aws_s3_bucket: 'bucket' };

/** What AWS would answer of a resource by its name. */
const NAMED: Readonly<Record<string, (name: string) => Attributes>> = {
  aws_sqs_queue: (name) => {
    const url = `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`;
    return { id: url, url, name, arn: arn('sqs', name) };
  },
  aws_s3_bucket: (name) => ({ id: name, bucket: name, arn: `arn:aws:s3:::${name}`, region: REGION }),
  aws_dynamodb_table: (name) => ({ id: name, name, arn: arn('dynamodb', `table/${name}`), stream_arn: '' }),
};
