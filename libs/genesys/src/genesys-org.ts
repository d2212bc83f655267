import { isRegion, type TokenEndpoint, tokenEndpoint } from '@aftercall/oauth';
import { type ApiLocation, apiBaseUrl } from './api-base-url.ts';

/** How one organisation's Genesys Cloud is reached. */
export interface GenesysOrg {
  readonly org: string;
  /** Where tokens come from, as a URL. */
  readonly tokenUrl: string;
  readonly apiBaseUrl: string;
  /** Of the OAuth client: `{"clientId", "clientSecret"}`. */
  readonly secretName: string;
  /** Only where one is given: Genesys Cloud ignores scopes of client credentials. */
  readonly scope: string | undefined;
  /** Of the URL of a store that containers share tokens in; without, every container asks for itself. */
  readonly tokenStoreSecretName: string | undefined;
}

const FIELDS: ReadonlySet<string> = new Set([
  'org',
  'region',
  'loginBaseUrl',
  'tokenUrl',
  'apiBaseUrl',
  'secretName',
  'scope',
  'tokenStoreSecretName',
]);

/**
 * Reads a configuration such as `[{"org": "main", "region": "eu-west-1", "secretName": "…"}]`, by org. Instead of the
 * region, or besides it, go `apiBaseUrl` and either `loginBaseUrl` (without `/oauth/token`) or `tokenUrl`.
 *
 * @throws RangeError that names the entry and the field, never a value
 */
export function parseGenesysOrgs(text: string): ReadonlyMap<string, GenesysOrg> {
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) throw new RangeError('the Genesys Cloud organisations must be a list');
  const orgs = list.map((entry: unknown, index) => genesysOrg(entry, `[${index}]`));
  const byName = new Map(orgs.map((one) => [one.org, one]));
  if (byName.size < orgs.length) throw new RangeError('a Genesys Cloud organisation is listed twice');
  return byName;
}

function genesysOrg(entry: unknown, at: string): GenesysOrg {
  const fields = textFields(entry, at);
  const { org, secretName, scope, tokenStoreSecretName } = fields;
  if (!org) throw new RangeError(`${at}.org: is missing`);
  if (!secretName) throw new RangeError(`${at}.secretName: is missing`);
  return {
    org,
    secretName,
    scope,
    tokenStoreSecretName,
    tokenUrl: named(`${at}.${tokenField(fields)}`, () => tokenEndpoint(tokenLocation(fields))),
    apiBaseUrl: named(`${at}.${fields.apiBaseUrl ? 'apiBaseUrl' : 'region'}`, () =>
      apiBaseUrl(apiLocation(fields)),
    ),
  };
}

type Fields = Readonly<Record<string, string | undefined>>;

function textFields(entry: unknown, at: string): Fields {
  if (typeof entry !== 'object' || entry === null) throw new RangeError(`${at}: is not an organisation`);
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(entry)) {
    if (!FIELDS.has(name))
      throw new RangeError(`${at}: has a field that is none of ${[...FIELDS].join(', ')}`);
    if (typeof value !== 'string') throw new RangeError(`${at}.${name}: is not a text`);
    fields[name] = value;
  }
  return fields;
}

const tokenField = ({ tokenUrl, loginBaseUrl }: Fields): string =>
  tokenUrl ? 'tokenUrl' : loginBaseUrl ? 'loginBaseUrl' : 'region';

function tokenLocation({ tokenUrl, loginBaseUrl, region }: Fields): TokenEndpoint {
  if (tokenUrl) return { url: tokenUrl };
  return loginBaseUrl ? { baseUrl: loginBaseUrl } : knownRegion(region);
}

const apiLocation = ({ apiBaseUrl: baseUrl, region }: Fields): ApiLocation =>
  baseUrl ? { baseUrl } : knownRegion(region);

function knownRegion(region: string | undefined) {
  if (region === undefined || !isRegion(region))
    throw new RangeError('is not an AWS region that has a Genesys Cloud');
  return { region };
}

/** Says which field was at fault. */
function named<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new RangeError(`${field}: ${error instanceof Error ? error.message : 'cannot be used'}`);
  }
}
