export type { MemorySecretStore, StoreCondition } from './memory-secret-store.ts';
export { memorySecretStore } from './memory-secret-store.ts';
export type { SecretStore, VersionStage } from './secret-store.ts';
export { SecretUnavailableError } from './secret-unavailable-error.ts';
export { secretsManagerSecretStore } from './secretsmanager-secret-store.ts';
export type { RefreshResult, Secrets, SecretsDeps } from './secrets.ts';
export { createSecrets } from './secrets.ts';
export type { ParsedSecret } from './parsed-secret.ts';
export { parsedSecret } from './parsed-secret.ts';
