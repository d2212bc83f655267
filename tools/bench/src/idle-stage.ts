import type { Endpoints, FunctionInfo, LocalJson } from '@aftercall/local';
import { startOwnStack } from './on-local-stack.ts';
import type { StackClients } from './stack-clients.ts';

/** The local stage's resources with nobody working on them: what functions in processes of their own run against. */
export interface IdleStage {
  readonly local: LocalJson;
  readonly clients: StackClients;
  /** A function's environment. @throws Error when the stage has no such app */
  readonly variablesOf: (app: string) => Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

/** @param place what stands between a function and AWS, such as proxies that count */
export async function startIdleStage(
  place: (
    info: FunctionInfo,
    endpoints: Endpoints,
  ) => Promise<Readonly<Record<string, string>>> = async () => ({}),
): Promise<IdleStage> {
  const variables = new Map<string, Readonly<Record<string, string>>>();
  const { stack, clients, stop } = await startOwnStack({
    eventSources: 'idle',
    environment: async (info, endpoints) => {
      const placed = await place(info, endpoints);
      variables.set(info.app, { ...info.variables, ...placed });
      return placed;
    },
  });
  return {
    local: stack.local,
    clients,
    variablesOf: (app) => {
      const found = variables.get(app);
      if (!found) throw new Error(`the local stage has no ${app}`);
      return found;
    },
    stop,
  };
}
