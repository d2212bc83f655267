import { REGIONS, type Region } from './regions.ts';
import { serviceUrl } from './service-url.ts';

/** Where tokens come from: a region, a gateway in front of its login host, or a URL that is used as it is. */
export type TokenEndpoint =
  | { readonly region: Region }
  /** Without `/oauth/token`. */
  | { readonly baseUrl: string }
  | { readonly url: string };

/**
 * The URL that gives tokens. Genesys Cloud has it on the login host of the region; tenants have no host of their own.
 *
 * @throws RangeError when a URL cannot be used
 */
export function tokenEndpoint(endpoint: TokenEndpoint): string {
  if ('url' in endpoint) return serviceUrl(endpoint.url);
  const base = 'region' in endpoint ? `https://login.${REGIONS[endpoint.region]}` : endpoint.baseUrl;
  return `${serviceUrl(base)}/oauth/token`;
}
