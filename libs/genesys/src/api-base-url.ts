import { REGIONS, type Region, serviceUrl } from '@aftercall/oauth';

/** Where the Platform API is: a region, or a gateway in front of its API host (without `/api/v2`). */
export type ApiLocation = { readonly region: Region } | { readonly baseUrl: string };

/** @throws RangeError when the URL cannot be used */
export function apiBaseUrl(location: ApiLocation): string {
  return serviceUrl('region' in location ? `https://api.${REGIONS[location.region]}` : location.baseUrl);
}
