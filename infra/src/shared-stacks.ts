import type { Construct } from 'constructs';
import type { Names } from './names.ts';
import type { StageConfig } from './stage.ts';
import { crm } from './stacks/crm.ts';
import { foundation } from './stacks/foundation.ts';
import { network } from './stacks/network.ts';
import { warehouse } from './stacks/warehouse.ts';
import { observability } from './stacks/observability.ts';

/** The stage, and the names its resources get. */
export interface SharedStackProps {
  readonly stage: StageConfig;
  readonly names: Names;
}

/** What puts a stack's resources into it; `undefined` for a stage that has no such stack. */
type SharedStack = (props: SharedStackProps) => ((scope: Construct) => void) | undefined;

/** What functions need to be there before them. */
export const STACKS_BEFORE_APPS = {
  foundation: (props) => (scope) => foundation(scope, props),
  network: (props) => {
    const settings = props.stage.network;
    return settings && ((scope) => network(scope, { ...props, network: settings }));
  },
  observability: ({ stage }) => {
    const settings = stage.observability;
    return settings && ((scope) => observability(scope, { observability: settings }));
  },
} as const satisfies Readonly<Record<string, SharedStack>>;

/** What can come after them. */
export const STACKS_AFTER_APPS = {
  crm: (props) => {
    const settings = props.stage.crm;
    return settings && ((scope) => crm(scope, { ...props, crm: settings }));
  },
  warehouse: (props) => {
    const settings = props.stage.warehouse;
    return settings && ((scope) => warehouse(scope, { ...props, warehouse: settings }));
  },
} as const satisfies Readonly<Record<string, SharedStack>>;

/** The stacks that are no app's. */
export type SharedStackName = keyof typeof STACKS_BEFORE_APPS | keyof typeof STACKS_AFTER_APPS;

/** All of them, in the order in which they are applied the first time. */
export const SHARED_STACKS: Readonly<Record<SharedStackName, SharedStack>> = {
  ...STACKS_BEFORE_APPS,
  ...STACKS_AFTER_APPS,
};
