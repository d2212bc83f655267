import type { DescribedStage } from '@aftercall/local';
import { type Container, type ContainerDeps, type Ended, startContainer } from './container.ts';
import type { LoadCode } from './function-code.ts';

/** Lambda: containers of functions, kept warm, made when none is idle. */
export interface VirtualFunctions {
  knows(functionName: string): boolean;
  invoke(functionName: string, event: unknown): Promise<Ended>;
  /** Invocations under way. */
  running(): number;
}

export interface FunctionsInput {
  readonly described: DescribedStage;
  /** By app; functions of other apps are not there. */
  readonly code: ReadonlyMap<string, LoadCode>;
}

type FunctionsDeps = Pick<ContainerDeps, 'time' | 'random' | 'call' | 'write'>;

/** What Lambda itself sets. */
const LAMBDA_ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'virtual',
  AWS_SECRET_ACCESS_KEY: 'virtual',
};

export function virtualFunctions({ described, code }: FunctionsInput, deps: FunctionsDeps): VirtualFunctions {
  const functions = new Map(
    described.runtime.functions.flatMap((one) => {
      const app = [...code.keys()].find((name) => one.name.endsWith(`-${name}`));
      const load = app === undefined ? undefined : code.get(app);
      return app === undefined || load === undefined
        ? []
        : [[one.name, { ...one, app, load, containers: [] }]];
    }) as [string, RunnableFunction][],
  );
  let running = 0;
  return {
    knows: (name) => functions.has(name),
    running: () => running,
    invoke: async (name, event) => {
      const found = functions.get(name);
      if (!found) throw new Error(`there is no function ${name}`);
      running += 1;
      try {
        return await (await containerOf(found, deps)).invoke(event);
      } finally {
        running -= 1;
      }
    },
  };
}

interface RunnableFunction {
  readonly app: string;
  readonly load: LoadCode;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  containers: readonly Container[];
}

async function containerOf(found: RunnableFunction, deps: FunctionsDeps): Promise<Container> {
  const alive = found.containers.filter((container) => container.isAlive());
  const idle = alive.findLast((container) => container.isIdle());
  if (idle) return idle;
  const { app, load, timeoutSeconds } = found;
  const environment = { ...LAMBDA_ENVIRONMENT, ...found.environment };
  const container = await startContainer({ app, load, timeoutSeconds, environment, ...deps }).catch(
    (error: unknown) => {
      // No fault of any that are tried here: the run itself must end with it.
      deps.time.after(0, () => {
        throw error;
      });
      throw error;
    },
  );
  found.containers = [...alive, container];
  return container;
}
