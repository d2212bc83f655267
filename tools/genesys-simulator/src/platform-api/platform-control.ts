import type { IncomingMessage } from 'node:http';
import type { ApiAnswer } from './platform-messages.ts';
import type { PlatformControls } from './platform.ts';

/** The controls of a simulator that another process, or another part of this one, has started. */
export type RemotePlatformControls = {
  readonly [Name in keyof PlatformControls]: (
    ...args: Parameters<PlatformControls[Name]>
  ) => Promise<ReturnType<PlatformControls[Name]>>;
};

const CONTROLS = [
  'addConversation',
  'setTranscript',
  'setJobs',
  'setDataLag',
  'addFault',
  'clearFaults',
  'revokeTokens',
  'setTokenLifetime',
  'setClientSecret',
  'addClient',
  'setClockSkew',
  'externalTags',
  'requests',
] as const satisfies readonly (keyof PlatformControls)[];
const PREFIX = '/__control/';

/** @param api such as `genesys.api` of a running stack's `local.json` */
export function platformApiAt(api: string): RemotePlatformControls {
  const remote =
    (name: string) =>
    async (...args: unknown[]) => {
      const answer = await fetch(`${api}${PREFIX}${name}`, { method: 'POST', body: JSON.stringify(args) });
      if (!answer.ok)
        throw new Error(`the Genesys simulator answered ${answer.status}: ${await answer.text()}`);
      const { result } = (await answer.json()) as { result?: unknown };
      return result;
    };
  return Object.fromEntries(
    CONTROLS.map((name) => [name, remote(name)]),
  ) as unknown as RemotePlatformControls;
}

/** Whether a path is none of Genesys Cloud's. */
export function isControl(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** `POST /__control/{name}` with a list of arguments, times as ISO texts. */
export function runControl(request: IncomingMessage, body: string, controls: PlatformControls): ApiAnswer {
  if (!isFromTool(request))
    return { status: 403, body: { error: 'only tools on this machine are answered, no web pages' } };
  const name = CONTROLS.find((known) => request.url === `${PREFIX}${known}`);
  if (name === undefined || request.method !== 'POST')
    return { status: 404, body: { error: `there are POST ${PREFIX}{${CONTROLS.join(',')}}` } };
  const args = JSON.parse(body, revived) as unknown[];
  const control = controls[name] as (...all: unknown[]) => unknown;
  return { status: 200, body: { result: control(...args) } };
}

function revived(key: string, value: unknown): unknown {
  return (key === 'startedAt' || key === 'endedAt') && typeof value === 'string' ? new Date(value) : value;
}

/** A page in a browser could otherwise use the controls by rebinding a name. */
function isFromTool({ headers }: IncomingMessage): boolean {
  return headers.origin === undefined && /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? '');
}
