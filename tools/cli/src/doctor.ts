import { sdkSecretsManager } from '@aftercall/aws-json/sdk-secrets-manager';
import { secretsManagerSecretStore } from '@aftercall/secrets';
import { callBudget, checkClient, type CheckedClient } from './check-client.ts';
import { checkQueues } from './check-queues.ts';
import { checkSecrets, type ReadSecret } from './check-secrets.ts';
import { checkSetAside } from './check-set-aside.ts';
import { checkTopics } from './check-topics.ts';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import type { Finding } from './finding.ts';
import type { GenesysClient, StageGenesys } from './genesys-clients.ts';
import { readableFindings } from './readable-findings.ts';
import type { StageAccess } from './stage-access.ts';

/** Looks at a stage and its organisations of Genesys Cloud, and changes nothing. Exit code 1 when something failed. */
export async function doctor(context: CommandContext): Promise<ExitCode> {
  const access = await context.connect();
  try {
    const findings = await examine(access, context);
    const isHealthy = findings.every(({ verdict }) => verdict !== 'fail');
    say(context, { stage: access.stage, healthy: isHealthy, checks: findings }, () =>
      readableFindings(findings, context.colors),
    );
    return isHealthy ? 0 : 1;
  } finally {
    access.close();
  }
}

async function examine(access: StageAccess, context: CommandContext): Promise<readonly Finding[]> {
  const genesys = await access.genesys();
  const readSecret = secretReader(access);
  return [
    ...(await checkSecrets(access, genesys.clients, readSecret)),
    ...(await checkGenesys(genesys, readSecret, context)),
    ...(await checkQueues(access, context)),
    ...(await checkSetAside(access, context.now)),
  ];
}

/** Each once, although several checks look at it. */
function secretReader({ clients }: StageAccess): ReadSecret {
  const store = secretsManagerSecretStore(sdkSecretsManager(clients.secrets));
  const read = new Map<string, Promise<string | undefined>>();
  return (name) => {
    const value = read.get(name) ?? store.getSecretValue(name, 'AWSCURRENT');
    read.set(name, value);
    return value;
  };
}

const NO_GENESYS: Finding = {
  verdict: 'not-probed',
  area: 'login',
  subject: 'Genesys Cloud',
  detail: 'the stage lists no organisation that a function logs in to',
  next: 'docs/genesys-setup.md says how to connect one',
};

/** One organisation's rate limits belong to its clients, so that they can be asked side by side. */
async function checkGenesys(
  { clients, partnerOrgs }: StageGenesys,
  readSecret: ReadSecret,
  { fetch, now }: CommandContext,
): Promise<readonly Finding[]> {
  if (clients.length === 0) return [NO_GENESYS];
  const checked = await Promise.all(clients.map((client) => checkClient(client, { readSecret, fetch, now })));
  const topics = await Promise.all(partnerOrgs.map((org) => topicsOf(org, clients, checked)));
  const findings = checked.flatMap((one) => one.findings);
  // Every client of an organisation sees the same clock.
  const clocks = new Map(findings.filter(isClock).map((clock) => [clock.subject, clock]));
  return [...findings.filter((one) => !isClock(one)), ...topics.flat(), ...clocks.values()];
}

const isClock = ({ area }: Finding): boolean => area === 'clock';

async function topicsOf(
  org: string,
  clients: readonly GenesysClient[],
  checked: readonly CheckedClient[],
): Promise<readonly Finding[]> {
  const api = checked.find((one, index) => clients[index]?.org === org && one.api)?.api;
  if (api) return checkTopics(org, api, callBudget());
  return [
    {
      verdict: 'not-probed',
      area: 'topic',
      subject: org,
      detail: 'no OAuth client of the organisation has logged in',
      next: 'see what is said about its logins and secrets',
    },
  ];
}
