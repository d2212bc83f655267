import { failure, usage } from './cli-error.ts';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';

type Order = 'stop' | 'start';
type States = Readonly<Record<string, 'running' | 'stopped'>>;

/**
 * Stops or starts one service of the embedded AWS: its callers are refused, its data stays. What is so already is no error.
 *
 * @throws CliError when there is no such service, or another AWS plays
 */
export async function localService(order: Order, name: string, context: CommandContext): Promise<ExitCode> {
  const { control, states } = await services(context);
  const wanted = order === 'stop' ? 'stopped' : 'running';
  const before = states[name];
  if (before === undefined)
    throw usage(`there is no service ${name}`, `there are ${Object.keys(states).toSorted().join(', ')}`);
  if (before === wanted || context.options.dryRun) {
    const would = before === wanted ? `is ${wanted} already` : `would be ${wanted}`;
    say(context, { service: name, status: before }, () => `${name} ${would}`);
    return 0;
  }
  const response = await context.fetch(`${control}/services/${name}/${order}`, { method: 'POST' });
  const { status, error } = (await response.json()) as { status?: string; error?: string };
  if (status !== wanted) throw failure(`${name} is not ${wanted}: ${error ?? `it is ${status}`}`);
  say(context, { service: name, status }, () => `${name} is ${status}`);
  return 0;
}

async function services(context: CommandContext): Promise<{ control: string; states: States }> {
  if (context.options.stage !== 'local')
    throw usage('only the services of the stack that runs here are stopped');
  const access = await context.connect();
  access.close();
  const control = access.stack?.local.control ?? '';
  const states = (await (await context.fetch(`${control}/services`)).json()) as States;
  if (Object.keys(states).length === 0)
    throw failure('the stack uses another AWS than the embedded one', 'stop and start its services there');
  return { control, states };
}
