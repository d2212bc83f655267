import { type Environment, logLevel, number, parseEnvironment, text } from '@aftercall/environment';
import { type GenesysOrg, parseGenesysOrgs } from '@aftercall/genesys';

/** Which organisation the OAuth clients of a secret belong to, by the secret's name. */
function oauthSecrets(json: string): ReadonlyMap<string, string> {
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null) throw new Error('is no object');
  return new Map(
    Object.entries(value).map(([name, org]) => {
      if (typeof org !== 'string') throw new Error('has an organisation that is no text');
      return [name, org];
    }),
  );
}

const variables = {
  STAGE: text,
  SEALING_SECRET_NAME: text,
  /** JSON: name of a secret → the organisation of its OAuth clients. */
  OAUTH_SECRETS: oauthSecrets,
  /** JSON list, see `parseGenesysOrgs`, with the rotator's own OAuth client in each organisation. */
  GENESYS_ORGS: parseGenesysOrgs,
  /** For how long functions go by a secret that they have read. */
  SECRET_TTL_SECONDS: number,
  LOG_LEVEL: logLevel,
};

/** The environment variables the infra stack must set. */
export type Env = Record<keyof typeof variables, string>;

export interface Config {
  readonly stage: string;
  readonly sealingSecretName: string;
  readonly oauthSecrets: ReadonlyMap<string, string>;
  readonly genesysOrgs: ReadonlyMap<string, GenesysOrg>;
  readonly secretTtlSeconds: number;
  readonly logLevel: string;
}

/** @throws Error naming every missing or malformed variable, never its value */
export function parseConfig(env: Environment): Config {
  const parsed = parseEnvironment(env, variables);
  return {
    stage: parsed.STAGE,
    sealingSecretName: parsed.SEALING_SECRET_NAME,
    oauthSecrets: parsed.OAUTH_SECRETS,
    genesysOrgs: parsed.GENESYS_ORGS,
    secretTtlSeconds: parsed.SECRET_TTL_SECONDS,
    logLevel: parsed.LOG_LEVEL,
  };
}
