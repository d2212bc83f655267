import type { Construct } from 'constructs';
import type { AppPackage } from './app-package.ts';
import type { Names } from './names.ts';
import type { StageConfig } from './stage.ts';
import { backfill } from './stacks/backfill.ts';
import { complianceRouter } from './stacks/compliance-router.ts';
import { deadLetters } from './stacks/dead-letters.ts';
import { ingest } from './stacks/ingest.ts';
import { lakeWriter } from './stacks/lake-writer.ts';
import { partnerIngest } from './stacks/partner-ingest.ts';
import { processor } from './stacks/processor.ts';
import { secretRotator } from './stacks/secret-rotator.ts';
import { transcriptFetcher } from './stacks/transcript-fetcher.ts';

/** The stage, its names and the zip to deploy. */
export interface AppStackProps {
  readonly stage: StageConfig;
  readonly names: Names;
  readonly code: AppPackage;
}

/** Puts an app's resources into its stack. */
export type AppStack = (scope: Construct, props: AppStackProps) => void;

/** A stack per app, and no app without one. */
export const APP_STACKS = {
  ingest,
  processor,
  'lake-writer': lakeWriter,
  'compliance-router': complianceRouter,
  'partner-ingest': partnerIngest,
  'transcript-fetcher': transcriptFetcher,
  backfill,
  'secret-rotator': secretRotator,
  'dead-letters': deadLetters,
} as const satisfies Readonly<Record<string, AppStack>>;

/** The apps that have a stack of their own. */
export type AppName = keyof typeof APP_STACKS;
