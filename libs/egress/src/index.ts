export { checkEndpoint } from './check-endpoint.ts';
export type { EndpointOptions } from './check-endpoint.ts';
export { EgressRefusedError, EgressUnavailableError } from './egress-error.ts';
export { guardedRequest } from './http-guarded-request.ts';
export type { EgressDeps, GuardedAnswer, GuardedRequest } from './http-guarded-request.ts';
export { guardedDownload } from './http-guarded-download.ts';
export type { DownloadAnswer, GuardedDownload } from './http-guarded-download.ts';
