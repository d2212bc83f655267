import { App } from 'cdktn';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readAppPackage, type AppPackage } from './app-package.ts';
import { APP_STACKS, type AppName } from './app-stacks.ts';
import { teamOf } from './code-owners.ts';
import { appStack } from './constructs/app-stack.ts';
import { names, type Names } from './names.ts';
import { networkProblems } from './network-settings.ts';
import { warmProblems } from './platform-settings.ts';
import { StageError, validStage, type StageConfig } from './stage.ts';
import {
  SHARED_STACKS,
  STACKS_AFTER_APPS,
  STACKS_BEFORE_APPS,
  type SharedStackName,
} from './shared-stacks.ts';
import { stageNamed } from './stages.ts';

/** One stack: an app's own, or one that no app owns. */
export type StackName = AppName | SharedStackName;

/** The apps, in the order in which they are applied the first time. */
export const APP_NAMES = Object.keys(APP_STACKS).filter((name): name is AppName => name in APP_STACKS);

/** The stacks that are no app's, whether a stage has them or not. */
export const SHARED_NAMES = Object.keys(SHARED_STACKS).filter(
  (name): name is SharedStackName => name in SHARED_STACKS,
);

/** The section of a stage without which it has no such app. */
const SECTIONS: Readonly<Partial<Record<AppName, 'partner' | 'transcripts' | 'backfill' | 'rotation'>>> = {
  'partner-ingest': 'partner',
  'transcript-fetcher': 'transcripts',
  backfill: 'backfill',
  'secret-rotator': 'rotation',
};

/** A stage's stacks, in the order in which they are applied the first time. */
export const stackNames = (stage: StageConfig): readonly StackName[] => [
  ...sharedNames(STACKS_BEFORE_APPS, stage),
  ...APP_NAMES.filter((app) => app !== 'dead-letters' && isWanted(app, stage)),
  ...sharedNames(STACKS_AFTER_APPS, stage),
  // It looks up the queues of all the others.
  'dead-letters',
];

function isWanted(app: AppName, stage: StageConfig): boolean {
  const section = SECTIONS[app];
  return section === undefined || stage[section] !== undefined;
}

function sharedNames(stacks: Partial<typeof SHARED_STACKS>, stage: StageConfig): readonly SharedStackName[] {
  const props = { stage, names: names(stage) };
  return SHARED_NAMES.filter((name) => stacks[name]?.(props) !== undefined);
}

/** The repository's own. */
const PACKAGES_FOLDER = resolve(import.meta.dirname, '../../dist/apps');

/** The versions that know the S3 lock file. */
const TARGET_VERSIONS = { terraform: '>=1.11', opentofu: '>=1.10' };

/** What to synthesise, and where to. */
export interface SynthOptions {
  /** A stage's name, or a stage made up by the caller. */
  readonly stage: string | StageConfig;
  readonly outdir: string;
  /** Only this stack. Default: all. */
  readonly stack?: string;
  /** Only these stacks. Default: all, or the one above. */
  readonly only?: readonly StackName[];
  /** Where the apps' zips lie. Default: `dist/apps`. */
  readonly packagesFolder?: string;
}

/** Where one stack lies. */
export interface SynthesisedStack {
  readonly name: StackName;
  /** Terraform's working directory, `{outdir}/stacks/{name}`. */
  readonly folder: string;
  /** The stack as Terraform JSON, `{folder}/cdk.tf.json`. */
  readonly file: string;
}

/** What was written, and from what. */
export interface Synthesised {
  readonly stage: StageConfig;
  readonly names: Names;
  readonly stacks: readonly SynthesisedStack[];
}

/**
 * Writes a stage's stacks as Terraform JSON, offline.
 *
 * @throws StageError when the stage or the stack is unknown, the stage is not valid, or an app has no owner or is not packaged
 */
export function synth({
  stage,
  outdir,
  stack,
  only,
  packagesFolder = PACKAGES_FOLDER,
}: SynthOptions): Synthesised {
  const config = typeof stage === 'string' ? stageNamed(stage) : validStage(stage);
  const context = { stage: config, names: names(config) };
  checkApps(config);
  const wanted = only ?? (stack === undefined ? stackNames(config) : [stackNamed(stack, config)]);
  wanted.filter(isApp).forEach((app) => teamOf(app));
  const packages = new Map(
    wanted.filter(isApp).map((app) => [app, readAppPackage(app, config, packagesFolder)]),
  );

  mkdirSync(outdir, { recursive: true });
  const app = new App({ outdir, context: { targetVersions: TARGET_VERSIONS } });
  for (const name of SHARED_NAMES.filter((one) => wanted.includes(one)))
    SHARED_STACKS[name](context)?.(appStack(app, name, config));
  for (const [name, code] of packages)
    APP_STACKS[name](appStack(app, name, config, name), { ...context, code });
  app.synth();

  const stacks = wanted.map((name) => synthesisedStack(outdir, name));
  for (const { name, folder } of stacks) if (isApp(name)) copyPackage(packages.get(name), folder);
  return { ...context, stacks };
}

/** What a stage says of its apps: which it has is known here. */
function checkApps(stage: StageConfig): void {
  const apps = stackNames(stage).filter(isApp);
  const sharesTokens = stage.genesys?.some((org) => org.sharesTokens) ?? false;
  const problems = [
    ...warmProblems(stage.warm ?? [], apps),
    ...networkProblems(stage.network, { apps, sharesTokens }),
  ];
  if (problems.length > 0)
    throw new StageError(`bad stage:\n${problems.map((one) => `  ${one}`).join('\n')}`);
}

/** Whether a stack is an app's own. */
export const isApp = (stack: StackName): stack is AppName => stack in APP_STACKS;

function synthesisedStack(outdir: string, name: StackName): SynthesisedStack {
  const folder = join(outdir, 'stacks', name);
  return { name, folder, file: join(folder, 'cdk.tf.json') };
}

/**
 * A stage's stack of that name.
 *
 * @throws StageError when the stage has none
 */
export function stackNamed(name: string, stage: StageConfig): StackName {
  const known = stackNames(stage);
  const stack = known.find((one) => one === name);
  if (!stack)
    throw new StageError(
      `unknown stack ${JSON.stringify(name)}: stage ${stage.name} has ${known.join(', ')}`,
    );
  return stack;
}

/** Terraform resolves `filename` from the stack's folder: with the zip in it the folder can be applied as it is, anywhere. */
function copyPackage(code: AppPackage | undefined, folder: string): void {
  if (!code?.bytes) return;
  const copy = join(folder, code.filename);
  mkdirSync(dirname(copy), { recursive: true });
  writeFileSync(copy, code.bytes);
}
